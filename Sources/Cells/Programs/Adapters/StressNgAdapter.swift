// SPDX-License-Identifier: GPL-3.0-or-later

extension ProgramAdapter {
    /// stress-ng(1), by the table of its metrics. With several stressors, say which number is
    /// meant: `sum:stress-ng:ops`, or a regular expression with the stressor's name.
    static let stressNg = ProgramAdapter(
        StressNgPressure.name, "stress-ng's stressors", programs: [StressNgPressure.name],
        package: GuestProgram.stressNg.package, usual: 1,
        // It prints to standard error before version 0.15.08, and to standard output from there on.
        options: Options(
            added: ["--stdout", "--metrics-brief"],
            refusal: { argument in
                argument == "--stderr" || argument == "-q" || argument == "--quiet"
                    ? "keeps the metrics from standard output" : nil
            }),
        metrics: [
            MetricRequest(name: "ops", row(5), unit: "ops/s"),
            MetricRequest(name: "ops_per_cpu", row(6), unit: "ops/s"),
            MetricRequest(name: "real_time", row(2), unit: "s"),
            MetricRequest(name: "usr_time", row(3), unit: "s"),
            MetricRequest(name: "sys_time", row(4), unit: "s"),
        ])

    /// The row of a stressor: name, bogo ops, three times, and two rates.
    private static func row(_ column: Int) -> MetricRequest.Reader {
        let number = #" +[\d.]+"#
        let before = String(repeating: number, count: column - 1)
        let behind = String(repeating: number, count: 6 - column)
        return .regex(
            #"metrc: \[\d+\] [a-z][a-z0-9-]*"# + before + #" +([\d.]+)"# + behind + #"\s*$"#)
    }
}
