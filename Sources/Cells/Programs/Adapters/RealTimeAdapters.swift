// SPDX-License-Identifier: GPL-3.0-or-later

extension ProgramAdapter {
    /// hackbench(8) of rt-tests: one time for all messages.
    static let hackbench = ProgramAdapter(
        "hackbench", "hackbench of rt-tests", programs: ["hackbench"], package: "rt-tests",
        usual: 1,
        metrics: [MetricRequest(name: "total_time", .key("Time"), unit: "s")])

    /// cyclictest(8) of rt-tests, by the last line of each of its threads.
    static let cyclictest = ProgramAdapter(
        "cyclictest", "cyclictest of rt-tests", programs: ["cyclictest"], package: "rt-tests",
        usual: 3,
        options: Options(
            added: ["--quiet"], isGiven: { $0 == "-q" || $0 == "--quiet" },
            refusal: { argument in
                argument == "-N" || argument == "--nsecs"
                    ? "changes the unit of the latencies to ns" : nil
            }),
        metrics: [
            MetricRequest(name: "avg", threadLine("Avg"), pick: .mean, unit: "us"),
            MetricRequest(name: "max", threadLine("Max"), pick: .max, unit: "us"),
            MetricRequest(name: "min", threadLine("Min"), pick: .min, unit: "us"),
        ])

    private static func threadLine(_ key: String) -> MetricRequest.Reader {
        .regex(#"^T: *\d+ .*\b"# + key + #": *(\d+)"#)
    }
}
