// SPDX-License-Identifier: GPL-3.0-or-later

/// What programs printed that Debian does not have, in runs on a machine with 2 CPUs.
enum ProgramOutputs {
    /// fio's t/io_uring on a file: `t/io_uring -r3 -O0 -p0 -B0 FILE`.
    static let ring = """
        submitter=0, tid=28771, file=ff, nfiles=1, node=-1
        polled=0, fixedbufs=0, register_files=1, buffered=1, QD=128
        Engine=io_uring, sq_ring=128, cq_ring=128
        IOPS=112.74K, BW=440MiB/s, IOS/call=32/31
        IOPS=170.78K, BW=667MiB/s, IOS/call=32/32
        Exiting on timeout
        Maximum IOPS=170.78K

        """

    /// The selftest of Linux 7.2.12: `pipe_bench -w 2 -r 1 -d 1`.
    static let pipe = """
        config: writers=2 readers=1 msgsize=65536 duration=1 pipe_size=1048576 memory_pressure=no
        writes: total=17298 rate=17298/s
        throughput_MBps: 1081.12
        lat_avg_ns: 116498
        lat_p50_ns_upper: 8191
        lat_p99_ns_upper: 4194303
        lat_max_ns: 107987767

        """

    /// The beginning of what it prints without `-w` and `-r`.
    static let pipeSweep = """
        ---
        config: writers=1 readers=1 msgsize=65536 duration=1 pipe_size=1048576 memory_pressure=no
        writes: total=43896 rate=43896/s
        throughput_MBps: 2743.50
        lat_avg_ns: 22933
        lat_p50_ns_upper: 16383
        lat_p99_ns_upper: 262143
        lat_max_ns: 12398018
        ---
        config: writers=1 readers=5 msgsize=65536 duration=1 pipe_size=1048576 memory_pressure=no
        writes: total=35584 rate=35584/s
        throughput_MBps: 2224.00
        lat_avg_ns: 28085
        lat_p50_ns_upper: 8191
        lat_p99_ns_upper: 524287
        lat_max_ns: 12395965

        """

    /// Programs of lmbench 3, each with what it wrote to standard error.
    static let lmbench: [(command: [String], output: String, value: Double)] = [
        (["lat_pipe", "-N", "1"], "Pipe latency: 5.1132 microseconds\n", 5.1132),
        (["bw_pipe", "-N", "1"], "Pipe bandwidth: 4316.19 MB/sec\n", 4316.19),
        (["lat_syscall", "-N", "1", "null"], "Simple syscall: 0.1692 microseconds\n", 0.1692),
        (["lat_syscall", "-N", "1", "read"], "Simple read: 0.2105 microseconds\n", 0.2105),
        (["lat_unix", "-N", "1"], "AF_UNIX sock stream latency: 9.1901 microseconds\n", 9.1901),
        (
            ["lat_sig", "-N", "1", "install"],
            "Signal handler installation: 0.6937 microseconds\n", 0.6937
        ),
        (
            ["lat_pagefault", "-N", "1", "ff"], "Pagefaults on ff: 0.3301 microseconds\n", 0.3301
        ),
    ]

    /// stress-ng 0.15.06 with two stressors, by `--stdout --metrics-brief`.
    static let twoStressors = """
        stress-ng: info:  [11733] setting to a 1 second run per stressor
        stress-ng: info:  [11733] dispatching hogs: 1 pipe, 1 vm
        stress-ng: metrc: [11733] stressor       bogo ops real time  usr time  sys time   bogo ops/s     bogo ops/s
        stress-ng: metrc: [11733]                           (secs)    (secs)    (secs)   (real time) (usr+sys time)
        stress-ng: metrc: [11733] pipe             157367      1.00      0.08      0.38    156695.21      341810.15
        stress-ng: metrc: [11733] vm                35361      1.01      0.26      0.11     35074.99       97218.79
        stress-ng: metrc: [11733] miscellaneous metrics:
        stress-ng: metrc: [11733] pipe                  76.64 MB per sec pipe write rate (geometic mean of 1 instances)
        stress-ng: info:  [11733] successful run completed in 1.01s

        """
}
