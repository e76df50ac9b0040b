// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Protocol
import Remotes

/// The command that each machine of a fleet runs.
enum FleetExperiment {
    /// Refuses a command line that no machine can run, and options that the fleet itself decides.
    ///
    /// - Throws: `usage`.
    static func check(_ command: [String]) throws(PlumblineError) {
        guard !command.isEmpty else {
            throw .usage(
                "fleet submit: missing a command",
                remedy: "give it after --, such as -- ab smoke --a 6.12 --b 6.12+dio-cache")
        }
        let parsed: any ParsableCommand
        do { parsed = try Plumbline.parseAsRoot(command) } catch {
            throw .usage(
                "the command after --: \(Plumbline.message(for: error))",
                remedy: "see `plumbline \(command[0].cut(to: 40)) --help`")
        }
        switch parsed {
        case let run as RunCommand:
            try check(machine: run.on, of: "--on")
            try check(run.common, suite: run.schema || run.settings ? nil : run.measured)
        case let toggle as ToggleCommand:
            try check(machine: toggle.on, of: "--on")
            try check(toggle.common, suite: toggle.schema ? nil : toggle.measured)
            try check(toggle.comparison, toggle.guest.metric)
        case let ab as AbCommand:
            try check(machine: ab.on.first, of: "--on")
            for (option, arm) in [("--a", ab.a), ("--b", ab.b)]
            where arm?.hasPrefix(SSHAddress.scheme) == true {
                try check(machine: arm, of: option)
            }
            try check(ab.pair.common, suite: ab.measured)
            try check(ab.pair.comparison, ab.pair.guest.metric)
            guard ab.placebos.comparisons == nil else { throw refusal("--comparisons") }
        default:
            throw .usage(
                "a fleet cannot run '\(command[0].cut(to: 40))'",
                remedy: "the command after -- is ab, toggle or run")
        }
    }

    private static func check(
        _ common: CommonOptions, suite: SuiteOptions?
    ) throws(PlumblineError) {
        guard let suite, suite.suite != nil || !suite.program.isEmpty else {
            throw .usage(
                "the command after --: missing a suite", remedy: "name a suite after the command")
        }
        if common.output != nil { throw refusal("--output") }
        if common.resume { throw refusal("--resume") }
        if common.list { throw refusal("--list") }
        try common.refuseDryRun()
        guard common.seed == nil else {
            throw .usage(
                "--seed is not supported after --",
                remedy: "give --seed before --: each machine gets a seed of its own")
        }
    }

    /// Refuses a machine that the command names: all tasks would measure that one.
    private static func check(
        machine: String?, of option: String
    ) throws(PlumblineError) {
        guard let machine else { return }
        throw .usage(
            "\(option) \(machine.cut(to: 40)) is not supported in a fleet",
            remedy: "each task measures the machine that Slurm gives it")
    }

    private static func check(
        _ comparison: ComparisonOptions, _ metric: MetricOptions
    ) throws(PlumblineError) {
        if comparison.untilDecided { throw refusal("--until-decided") }
        if metric.given == .instructions { throw refusal("--metric instructions") }
    }

    private static func refusal(_ option: String) -> PlumblineError {
        .usage("\(option) is not supported in a fleet", remedy: "leave it out")
    }
}
