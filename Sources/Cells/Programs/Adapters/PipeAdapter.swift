// SPDX-License-Identifier: GPL-3.0-or-later

extension ProgramAdapter {
    /// The kernel's selftest pipe_bench (Linux 7.2). Its MBps are MiB a second; its percentiles are
    /// the upper ends of buckets that double.
    static let pipeBenchmark = ProgramAdapter(
        "pipe_bench", "the kernel's selftest pipe_bench", programs: ["pipe_bench"], package: nil,
        usual: 5,
        metrics: [
            MetricRequest(
                name: "throughput", .key("throughput_MBps"), unit: "MiB/s", better: .higher),
            MetricRequest(name: "lat_avg", .key("lat_avg_ns"), unit: "ns"),
            MetricRequest(name: "lat_p50", .key("lat_p50_ns_upper"), unit: "ns"),
            MetricRequest(name: "lat_p99", .key("lat_p99_ns_upper"), unit: "ns"),
            MetricRequest(name: "lat_max", .key("lat_max_ns"), unit: "ns"),
        ])
}
