example: what a comparison looks like

kernel    Linux 6.1.0-18-amd64 x86_64, build 0123456789ab
machine   2 CPUs, Example CPU 2.4 GHz, 24.0 GiB
baseline  vm.x=1
patched   vm.x=2
rule      8 blocks a cell, judged at the end; equivalent within ±2%
slices    500ms, guard 125ms, blocks of four in random order, seed 42

          baseline  -> patched
pipe/1w1r/64KiB/none
  pipe: msgsize=64k; no pressure
  rate  1248 MiB/s  -> 1374 MiB/s  (+10.1%) [+9.29, +11.0]
  improved; p<0.001, 8 blocks; MDE80 1.06%
  pages allocated under a mutex: 14.0 -> 6.00 pages/op (-8.00)
  p99 wait for a mutex: 99.0us -> 59.4us (-39.6us)

Every cell is decided.

Change from baseline to patched in parentheses, with its interval; ~: no
difference is shown.
