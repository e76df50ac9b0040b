// SPDX-License-Identifier: GPL-3.0-or-later

extension ProgramAdapter {
    /// Programs of lmbench. They print their result to standard error. Debian has lmbench only among
    /// what is not free.
    static let lmbench: [ProgramAdapter] = [
        lmbench(
            "lmbench-latency",
            ["lat_pipe", "lat_unix", "lat_syscall", "lat_sig", "lat_pagefault"],
            metric: MetricRequest(
                name: "latency", .regex(#"^[A-Z].*: ([\d.]+ microseconds)$"#), unit: "us")),
        lmbench(
            "lmbench-bandwidth", ["bw_pipe"],
            metric: MetricRequest(name: "bw", .regex(#"bandwidth: ([\d.]+ MB/sec)$"#), unit: "MB/s")
        ),
    ]

    private static func lmbench(
        _ name: String, _ programs: [String], metric: MetricRequest
    ) -> ProgramAdapter {
        ProgramAdapter(
            name, "\(programs.joined(separator: ", ")) of lmbench", programs: programs,
            package: nil,
            stream: .error, usual: 1, metrics: [metric])
    }
}
