// SPDX-License-Identifier: GPL-3.0-or-later

extension ProgramAdapter {
    /// fio's t/io_uring, by the line that it prints each second.
    ///
    /// From a million requests a second on, it prints two digits after the point of a million.
    static let ringBenchmark = ProgramAdapter(
        "io_uring", "fio's t/io_uring", programs: ["io_uring", "t_io_uring", "t-io_uring"],
        package: nil, usual: 1,
        metrics: [
            MetricRequest(name: "iops", .regex(#"^IOPS=([^,\s]+)"#), pick: .mean, unit: "IOPS"),
            MetricRequest(name: "bw", .regex(#"^IOPS=.* BW=([^,\s]+)"#), pick: .mean, unit: "B/s"),
            MetricRequest(name: "iops_max", .regex(#"^Maximum IOPS=(\S+)"#), unit: "IOPS"),
        ])
}
