// SPDX-License-Identifier: GPL-3.0-or-later

extension ProgramAdapter {
    /// perf-bench(1), one adapter for each kind of result.
    static let perf: [ProgramAdapter] = [
        perf(
            "perf-sched-pipe", ["sched pipe"], usual: 2,
            metrics: [perfOperation, perfRate, perfTime]),
        perf("perf-sched-messaging", ["sched messaging"], usual: 1, metrics: [perfTime]),
        perf(
            "perf-mem", ["mem memcpy", "mem memset"], usual: 1,
            metrics: [
                // Without -f it prints every function, glibc's first. Of a run within a microsecond it
                // prints that the rate is infinite.
                MetricRequest(
                    name: "bw", .regex(#"^ *(\S+ (?:[KMG]?B|bytes)/sec)$"#), pick: .first,
                    unit: "B/s",
                    usesBinaryPrefixes: true)
            ]),
        perf(
            "perf-syscall", ["syscall"], usual: 2, metrics: [perfOperation, perfRate, perfTime]),
        perf(
            "perf-futex", ["futex hash", "futex lock-pi"], usual: 1,
            metrics: [perfAverage]),
        perf("perf-epoll", ["epoll wait"], usual: 1, metrics: [perfAverage]),
    ]

    private static func perf(
        _ name: String, _ subcommands: [String], usual: Int, metrics: [MetricRequest]
    ) -> ProgramAdapter {
        ProgramAdapter(
            name, "perf bench \(subcommands.joined(separator: ", "))", programs: ["perf"],
            subcommands: subcommands.map { "bench \($0)" }, package: "linux-perf", usual: usual,
            options: Options(refusal: { argument in
                argument == "simple" || argument == "--format=simple"
                    ? "prints numbers without their words" : nil
            }),
            metrics: metrics)
    }

    private static let perfOperation = MetricRequest(
        name: "time_per_op", .regex(#"^ *([\d.]+ usecs/op)$"#), unit: "us/op")
    private static let perfRate = MetricRequest(
        name: "ops", .regex(#"^ *([\d,]+ ops/sec)$"#), unit: "ops/s")
    private static let perfTime = MetricRequest(
        name: "total_time", .regex(#"Total time: *([\d.]+) \[sec\]"#), unit: "s")
    private static let perfAverage = MetricRequest(
        name: "ops", .regex(#"^Averaged (\d+) operations/sec"#), unit: "ops/s")
}
