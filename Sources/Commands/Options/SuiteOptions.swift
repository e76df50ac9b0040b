// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Suites

/// What is measured: a suite, or any program.
public struct SuiteOptions: ParsableArguments {
    /// The suite's name or file.
    @Argument(help: "The name of a built-in suite, or a YAML file.", completion: .suites)
    public var suite: String?
    /// A program instead of a suite.
    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp(
            "Measure this program instead of a suite, with its arguments, behind --.",
            discussion: "It is run once a slice. Without --metric, its own time is measured, or "
                + "what is known of it: fio, perf bench and others. See the article "
                + "Commands.",
            valueName: "program"), completion: .file())
    public var program: [String] = []
    /// What is read from the program's output.
    @OptionGroup(title: "Options of a program behind --") public var reading: ProgramOptions

    /// Made by the argument parser.
    public init() {}

    /// The suite's text; of a program, that of a suite with one cell.
    ///
    /// - Parameters:
    ///   - command: the command, for errors.
    ///   - metric: what is measured.
    /// - Throws: `usage` for neither or both of them, and for options of the other one.
    func source(for command: String, metric: MetricOptions) throws(PlumblineError) -> SuiteSource {
        guard program.isEmpty else {
            guard suite == nil else {
                throw .usage(
                    "\(command): a suite and a program are given",
                    remedy: "leave out '\(suite?.printable ?? "")', or the program behind --")
            }
            return SuiteSource(
                program: program, metrics: try metric.ofProgram(), units: reading.unit,
                directions: reading.better, contract: reading.stay ? "stay" : nil,
                files: reading.files, timeout: reading.timeout, storage: reading.storage)
        }
        guard let suite else {
            let names = SuiteSource.builtInNames.joined(separator: ", ")
            throw .usage(
                "\(command): missing a suite",
                remedy: "name a YAML file or one of \(names), or give a program behind --; see "
                    + "`plumbline \(command) --help`")
        }
        try reading.refuse()
        return try metric.suite(named: suite)
    }
}

/// How a program behind -- is run, and what its numbers are.
public struct ProgramOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The unit of the program's metric, such as us or MB/s; once for each --metric.",
            valueName: "unit"))
    var unit: [String] = []
    @Option(
        help: ArgumentHelp(
            "higher or lower: which direction of the program's metric is better; once for each "
                + "--metric.", discussion: "Default: what its unit says.",
            valueName: "direction"), completion: .list(["higher", "lower"]))
    var better: [String] = []
    @Flag(
        help: "The program stays, and answers the lines go and stop on its standard input.")
    var stay = false
    @Option(
        help: ArgumentHelp(
            "A file or directory that the program reads, for guests; repeatable.",
            valueName: "path"), completion: .file())
    var files: [String] = []
    @Option(
        help: ArgumentHelp(
            "How long a run of the program may take, or its answer. Default: 60s.",
            valueName: "time"))
    var timeout: String?
    @Option(
        help: ArgumentHelp(
            "Storage that is made for the program, such as zram:ext4; {storage} in its arguments "
                + "is the directory, or the device without a file system.",
            discussion: "Of 256 MiB; --set command.size=1g makes it larger.",
            valueName: "storage"), completion: .list(StorageSpec.names))
    var storage: String?

    /// Made by the argument parser.
    public init() {}

    /// - Throws: `usage` for an option that only a program behind -- has.
    func refuse() throws(PlumblineError) {
        let given = [
            ("--unit", !unit.isEmpty), ("--better", !better.isEmpty), ("--stay", stay),
            ("--files", !files.isEmpty), ("--timeout", timeout != nil),
            ("--storage", storage != nil),
        ]
        guard let option = given.first(where: \.1)?.0 else { return }
        throw .usage(
            "\(option) is not supported without a program behind --",
            remedy: "give it in the suite, or by --set")
    }
}
