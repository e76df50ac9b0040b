// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Reports

/// The options of `plumbline doctor --calibrate`: on this machine, in guests, or from journals.
public struct CalibrationOptions: ParsableArguments {
    /// How long.
    @Option(
        help: ArgumentHelp(
            "The time to measure this machine; same as --calibrate=MINUTES. Default: 20.",
            valueName: "minutes"))
    public var minutes: Double?

    /// A kernel to boot.
    @Option(
        help: ArgumentHelp(
            "Compare this kernel with itself in guests: a variant, a bzImage or git:DIR@REF.",
            valueName: "kernel"), completion: .kernels)
    public var kernel: String?

    /// How many comparisons.
    @Option(
        help: ArgumentHelp(
            "With --kernel, the number of comparisons. Default: 20.", valueName: "number"))
    public var comparisons: Int?

    /// Rounds of boots of each.
    @Option(
        help: ArgumentHelp(
            "With --kernel, the rounds of boots of each comparison, at least 5. Default: 8.",
            valueName: "number"))
    public var rounds: Int?

    /// Layouts of the kernel.
    @Option(
        help: ArgumentHelp(
            "With --kernel, the layouts of the kernel among which each arm draws in each round.",
            valueName: "number"))
    public var relinks: Int?

    /// Whether to go on with a journal.
    @Flag(help: "With --kernel, continue the interrupted comparisons in the journal of --output.")
    public var resume = false

    /// Journals to judge.
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Judge the A/A comparisons in these journals together, and measure nothing.",
            discussion: "Each is an `ab` of a kernel with itself, or a `toggle` between two equal "
                + "values.", valueName: "journal"), completion: .journals)
    public var journals: [String] = []

    /// Decides the order of slices.
    @Option(help: ArgumentHelp("The seed of the order of slices.", valueName: "number"))
    public var seed: UInt64?

    /// Where the blocks are kept.
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Keep the journal; without --kernel, x.jsonl makes x-20ms.jsonl and so on.",
            valueName: "journal"), completion: .journals)
    public var output: String?

    /// Another agent.
    @Option(
        help: ArgumentHelp(
            "The agent to run, instead of the one beside plumbline.", valueName: "path"),
        completion: .file())
    public var agent: String?

    /// Made by the argument parser.
    public init() {}

    private var measuring: String? {
        [
            ("--minutes", minutes != nil), ("--seed", seed != nil), ("--output", output != nil),
            ("--agent", agent != nil),
        ].first { $0.1 }?.0
    }

    private var ofGuests: String? {
        [
            ("--comparisons", comparisons != nil), ("--rounds", rounds != nil),
            ("--relinks", relinks != nil), ("--resume", resume),
        ].first { $0.1 }?.0
    }

    /// The first option that was given.
    var given: String? {
        measuring ?? ofGuests ?? (kernel == nil ? nil : "--kernel")
            ?? (journals.isEmpty ? nil : "--journals")
    }

    /// Refuses options that exclude each other.
    public func validate() throws {
        if let minutes, !(minutes > 0 && minutes <= 10_080) {
            throw ValidationError(
                "invalid value '\(minutes)' for --minutes (allowed: above 0 to 10080)")
        }
        if !journals.isEmpty, let other = measuring ?? ofGuests ?? kernel.map({ _ in "--kernel" }) {
            throw ValidationError("--journals and \(other) cannot be used together")
        }
        if kernel == nil, let ofGuests { throw ValidationError("\(ofGuests) needs --kernel") }
        if kernel != nil, minutes != nil {
            throw ValidationError("--minutes and --kernel cannot be used together")
        }
    }

    /// Calibrates.
    ///
    /// - Returns: 0, 5 when verdicts find too much, 130 after an interruption.
    func run(as format: ReportFormat, on console: Console) async throws -> Int32 {
        if !journals.isEmpty { return try console.printPlacebos(journals, as: format) }
        if let kernel {
            return try await AbCommand.parse(comparing(kernel, as: format)).run(on: console)
        }
        return try await CalibrationRun(
            minutes: minutes ?? 20, seed: seed, output: output, agent: agent, format: format
        ).run(on: console)
    }

    /// The arguments of `ab` that compare a kernel with itself on two cells without pressure.
    func comparing(_ kernel: String, as format: ReportFormat) -> [String] {
        var arguments = [
            "demo", "--cells", "*/none", "--a", kernel, "--b", kernel, "--budget", "8s",
            "--comparisons", "\(comparisons ?? 20)", "--format", format.name,
        ]
        if let rounds { arguments += ["--rounds", "\(rounds)"] }
        if let relinks { arguments += ["--relinks", "\(relinks)"] }
        if let seed { arguments += ["--seed", "\(seed)"] }
        if let output { arguments += ["--output", output] }
        if let agent { arguments += ["--agent", agent] }
        if resume { arguments.append("--resume") }
        return arguments
    }
}
