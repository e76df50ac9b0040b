// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// What is known of a program whose output has metrics: how it is recognised, what it must be
/// told so that it prints them, and where they stand.
package struct ProgramAdapter: Sendable {
    /// Where a program prints what it measured.
    package enum Stream: String, Sendable, Equatable {
        case output = "standard output"
        case error = "standard error"
    }

    /// An option that must or must not be there.
    package struct Options: Sendable {
        /// Added behind the program's name, unless `isGiven` says that one of its kind is there.
        let added: [String]
        /// Whether an argument makes the added ones needless.
        let isGiven: @Sendable (String) -> Bool
        /// Why an argument goes with none of the metrics; nil for one that does.
        let refusal: @Sendable (String) -> String?

        init(
            added: [String] = [], isGiven: @escaping @Sendable (String) -> Bool = { _ in false },
            refusal: @escaping @Sendable (String) -> String? = { _ in nil }
        ) {
            self.added = added
            self.isGiven = isGiven
            self.refusal = refusal
        }
    }

    /// The word in `metric: fio:read.iops`.
    package let name: String
    /// One line for a help text.
    package let summary: String
    /// Base names of the program's file.
    package let programs: [String]
    /// The words that must follow, with options between them: `bench sched pipe`.
    package let subcommands: [String]
    /// The Debian package that has it; nil where there is none in Debian 12.
    package let package: String?
    /// Where the metrics are.
    package let stream: Stream
    /// Metrics by name. The first `usual` ones are taken where the user asks for none.
    package let metrics: [MetricRequest]
    /// How many of the metrics are taken where the user asks for none; the first is judged.
    let usual: Int
    let options: Options

    init(
        _ name: String, _ summary: String, programs: [String], subcommands: [String] = [""],
        package: String?, stream: Stream = .output, usual: Int, options: Options = Options(),
        metrics: [MetricRequest]
    ) {
        self.name = name
        self.summary = summary
        self.programs = programs
        self.subcommands = subcommands
        self.package = package
        self.stream = stream
        self.usual = usual
        self.options = options
        self.metrics = metrics.map { $0.belonging(to: name) }
    }

    /// What is asked for where the user asks for nothing; the first is judged.
    package var usualMetrics: [MetricRequest] { Array(metrics.prefix(usual)) }

    /// The metric of this name.
    package func metric(named name: String) -> MetricRequest? {
        metrics.first { $0.name == name }
    }

    /// Whether a command line starts this program.
    ///
    /// - Parameter command: the program and its arguments. Only the base name of the program counts;
    ///   programs that start others, such as taskset, hide it.
    package func recognises(_ command: [String]) -> Bool {
        guard let first = command.first else { return false }
        let base = first.split(separator: "/").last.map(String.init) ?? first
        guard programs.contains(base) else { return false }
        let words = command.dropFirst().filter { !$0.isLikeOption }
        return subcommands.contains { isPart($0.words, of: words) }
    }

    /// Whether the words stand in this order, the first one first. Values of options may be between.
    private func isPart(_ part: [String], of words: [String]) -> Bool {
        guard part.isEmpty || part.first == words.first else { return false }
        var rest = part[...]
        for word in words where word == rest.first { rest = rest.dropFirst() }
        return rest.isEmpty
    }

    /// The command line with the options that make the program print its metrics.
    ///
    /// - Throws: `usage` for an option with which it does not print them.
    package func completed(_ command: [String]) throws(PlumblineError) -> [String] {
        let arguments = command.dropFirst()
        for argument in arguments {
            if let why = options.refusal(argument) {
                throw .usage(
                    "\(programs[0]): the option '\(argument.printable)' \(why)",
                    remedy: "leave it out, or say with metric: how the output is read")
            }
        }
        guard !arguments.contains(where: options.isGiven) else { return command }
        return command.prefix(1) + options.added + arguments
    }
}

extension MetricRequest {
    fileprivate func belonging(to adapter: String) -> MetricRequest {
        MetricRequest(
            name: name, reader, pick: pick, unit: unit.text, better: better, adapter: adapter,
            usesBinaryPrefixes: usesBinaryPrefixes)
    }
}
