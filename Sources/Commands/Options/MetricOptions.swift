// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Protocol

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
                + "running kernel). Default: time.", valueName: "metric"))
    var metric: Metric?
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

    /// The metric that was given; nil without the option.
    var given: Metric? { metric ?? lens }

    /// The metric, by default time.
    ///
    /// - Throws: `usage` for a metric that the machine does not have.
    func chosen(inGuest: Bool) throws(PlumblineError) -> Metric {
        if metric == nil, lens == .instructions, !inGuest { return .pmu }
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
