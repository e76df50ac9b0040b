// SPDX-License-Identifier: GPL-3.0-or-later

extension ProgramAdapter {
    /// fio(1), by its JSON. Rates are those of all jobs together; a latency is the worst of the
    /// jobs.
    static let fio = ProgramAdapter(
        "fio", "the flexible I/O tester", programs: ["fio"], package: "fio", usual: 4,
        options: Options(
            added: ["--output-format=json"], isGiven: { $0.hasPrefix("--output-format") },
            refusal: { argument in
                if argument.hasPrefix("--output=") || argument == "--output" {
                    return "hides the metrics in a file"
                }
                // The old name of the terse format.
                let isTerse = argument == "--minimal" || argument.hasPrefix("--minimal=")
                if isTerse
                    || argument.hasPrefix("--output-format=") && !argument.contains("json")
                {
                    return "prints no JSON"
                }
                return nil
            }),
        metrics: fioMetrics(prefix: "", group: "{read,write,trim,mixed}")
            + ["read", "write", "trim", "mixed"].flatMap { fioMetrics(prefix: "\($0).", group: $0) }
    )

    private static func fioMetrics(prefix: String, group: String) -> [MetricRequest] {
        func metric(
            _ name: String, _ path: String, pick: MetricRequest.Pick, unit: String
        ) -> MetricRequest {
            // The paths are our own, and a test reads each.
            guard let path = try? JSONPath("jobs[*].\(group).\(path)") else {
                preconditionFailure("\(path) is no path")
            }
            return MetricRequest(name: prefix + name, .json(path), pick: pick, unit: unit)
        }
        let percentiles = [
            ("p50", "50.000000"), ("p99", "99.000000"), ("p99.9", "99.900000"),
            ("p99.99", "99.990000"),
        ]
        let latencies = percentiles.map { name, key in
            metric("clat_\(name)", "clat_ns.percentile[\"\(key)\"]", pick: .max, unit: "ns")
        }
        return [
            metric("iops", "iops", pick: .sum, unit: "IOPS"),
            metric("bw", "bw_bytes", pick: .sum, unit: "B/s"),
        ] + latencies + [
            metric("clat_mean", "clat_ns.mean", pick: .max, unit: "ns"),
            metric("clat_max", "clat_ns.max", pick: .max, unit: "ns"),
            metric("lat_mean", "lat_ns.mean", pick: .max, unit: "ns"),
        ]
    }
}
