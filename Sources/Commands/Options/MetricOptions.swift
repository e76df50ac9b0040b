// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Cells
import Protocol
import Suites

extension Metric: ExpressibleByArgument {
    /// `time`, `instructions` or `pmu`; `wall` is an older name of `time`.
    public init?(argument: String) {
        self.init(rawValue: argument == "wall" ? Metric.time.rawValue : argument)
    }
}

/// The option that says what is measured.
public struct MetricOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What to measure: time, instructions (in a guest) or pmu (instructions of the "
                + "running kernel). Default: time.",
            discussion: "Of a program behind --: [NAME=]json:PATH, [NAME=]regex:RE, "
                + "[NAME=]key:WORD, or time, its own. Repeatable: the first is judged, the others "
                + "are told.", valueName: "metric"),
        completion: .list(Metric.allCases.map(\.rawValue)))
    var metric: [String] = []
    /// The older name, whose `instructions` is `pmu` on the running kernel.
    @Option(help: .hidden) var lens: Metric?

    /// The part of the help of `run` and `toggle` on counting instructions.
    static let discussion = """
        --metric pmu compares the kernel's instructions per operation instead of time. The PMU \
        counts them from the workers' first timed operation to the last. An interrupt counts for \
        the worker that it interrupts, softirqs of io_uring included. Work in kernel threads or on \
        other CPUs does not count. A slice is void if another program used the counter. It needs \
        root, or kernel.perf_event_paranoid at 1 or less. In a guest, use --metric instructions: \
        the guest's clock counts instructions, and waiting for a timer or a disk (null_blk with \
        irqmode=2, virtio) counts like work.
        """

    /// Made by the argument parser.
    public init() {}

    /// The metric of all cells that was given; nil without one. A program's own metric is compared
    /// as time is.
    var given: Metric? { ours ?? lens }

    private var ours: Metric? {
        metric.lazy.compactMap { Metric(argument: $0) }.first
            ?? (metric.isEmpty ? nil : .time)
    }

    /// The metrics of a program behind `--`: `time` is its own, and instructions are counted over a
    /// run of it.
    ///
    /// - Throws: `usage` for instructions beside other metrics.
    func ofProgram() throws(PlumblineError) -> [String] {
        let counted = metric.first { ["instructions", "pmu"].contains($0) }
        if let counted, metric.count > 1 {
            throw .usage(
                "--metric \(counted) is not supported beside another --metric",
                remedy: "give one of them")
        }
        return counted == nil ? metric : []
    }

    /// A suite that is measured by this metric, and not by what only a program prints.
    ///
    /// - Throws: `usage` for a suite that there is not, and for such a metric.
    func suite(named name: String) throws(PlumblineError) -> SuiteSource {
        try refusePrograms()
        return try SuiteSource.find(name)
    }

    /// Refuses what only a program prints.
    ///
    /// - Throws: `usage`, naming the metrics of suites.
    func refusePrograms() throws(PlumblineError) {
        let words = Metric.allCases.map(\.rawValue)
        if let other = metric.first(where: { Metric(argument: $0) == nil }) {
            let hint = Spelling.hint(for: other, among: words).map { "\($0) " } ?? ""
            throw .usage(
                "invalid value '\(other.printable)' for --metric "
                    + "(\(hint)allowed: \(words.joined(separator: ", ")))",
                remedy: "what a program prints is measured with the program behind --, or by "
                    + "`metric:` of a suite's cell")
        }
        guard metric.count <= 1 else {
            throw .usage("--metric is given \(metric.count) times", remedy: "give it once")
        }
    }

    /// The metric of a suite's cells, by default time.
    ///
    /// - Throws: `usage` for a metric that the machine or one of the cells does not have.
    func chosen(for suite: SuiteRecord, inGuest: Bool) throws(PlumblineError) -> Metric {
        let metric = try chosen(inGuest: inGuest)
        guard metric != .time,
            let cell = suite.cells.first(where: { $0.program?.endsSlice == false })
        else { return metric }
        throw .usage(
            "--metric \(metric.rawValue) is not supported with the cell '\(cell.label)': a program "
                + "that stays has no operations to count instructions for",
            remedy: "leave --metric out, or have the program run once a slice")
    }

    /// The metric, by default time.
    ///
    /// - Throws: `usage` for a metric that the machine does not have.
    func chosen(inGuest: Bool) throws(PlumblineError) -> Metric {
        if metric.isEmpty, lens == .instructions, !inGuest { return .pmu }
        switch given ?? .time {
        case .instructions where !inGuest:
            throw .usage(
                "--metric instructions is not supported without a guest",
                remedy: "use --metric pmu, or run in a guest with `plumbline run --kernel`")
        case .pmu where inGuest:
            throw .usage(
                "--metric pmu is not supported in a guest",
                remedy: "use --metric instructions")
        case let metric: return metric
        }
    }
}
