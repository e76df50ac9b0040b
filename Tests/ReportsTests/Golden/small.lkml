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
  rate         1248 MiB/s  -> 1374 MiB/s  (+10.1%) [+9.29, +11.0]
  write p99        99.0us  -> 89.2us      (-9.95%) [-10.0, -9.89]
  write p99.9      99.9us  -> 89.9us
  read p99         99.0us  -> 89.2us      (-9.95%) [-10.0, -9.89]
  read p99.9       99.9us  -> 89.9us
  improved; p<0.001, 8 blocks; adjusted p<0.001; MDE80 1.06%
pipe/2w1r, "64"/memcg
  pipe: msgsize=64k; memcg
  rate         1260 MiB/s  -> 1235 MiB/s  (~) [-9.00, +5.59]
  inconclusive; p=0.545, 8 blocks; adjusted p=0.545; no difference
    larger than 7.65%; MDE80 10.8%

Not decided:
  pipe/2w1r, "64"/memcg: inconclusive (-1.98%); about 158 blocks (7 min)
    decide

Change from baseline to patched in parentheses, with its interval; ~: no
difference is shown. Verdicts hold over all 2 cells (Holm).

To repeat (plumbline VERSION):
  plumbline toggle example --knob 'vm.x=1,2'
