// SPDX-License-Identifier: GPL-3.0-or-later

extension ProgramAdapter {
    /// The programs of lmbench. They print their result to standard error.
    static let lmbench: [ProgramAdapter] = [
        lmbench(
            "lmbench-latency",
            [
                "lat_pipe", "lat_unix", "lat_syscall", "lat_proc", "lat_pagefault", "lat_sig",
                "lat_select", "lat_fifo", "lat_sem", "lat_mmap",
            ],
            MetricRequest(
                name: "latency", .regex(#"^[A-Z].*: ([\d.]+ microseconds)$"#), unit: "us")),
        lmbench(
            "lmbench-bandwidth", ["bw_pipe", "bw_unix"],
            MetricRequest(name: "bw", .regex(#"bandwidth: ([\d.]+ MB/sec)$"#), unit: "MB/s")),
    ]

    private static func lmbench(
        _ name: String, _ programs: [String], _ metric: MetricRequest
    ) -> ProgramAdapter {
        ProgramAdapter(
            name, "\(programs[0]) and others of lmbench", programs: programs, package: nil,
            stream: .error, usual: 1, metrics: [metric])
    }
}
