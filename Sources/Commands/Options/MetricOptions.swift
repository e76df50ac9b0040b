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
            "What to measure: time; instructions, in a guest; pmu, on the running kernel. "
                + "Default: time.", valueName: "metric"))
    var metric: Metric?
    /// The older name, whose `instructions` is `pmu` on the running kernel.
    @Option(help: .hidden) var lens: Metric?

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
                "--metric instructions needs a guest, whose clock counts them",
                remedy: "give --metric pmu, or boot a guest with --kernel")
        case .pmu where inGuest:
            throw .usage(
                "--metric pmu counts on the running kernel, not in a guest",
                remedy: "give --metric instructions")
        case let metric: return metric
        }
    }
}
