// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import Subprocess
import SystemPackage

/// Runs the programs of a build, each in a process group of its own, and ends them on Ctrl-C.
///
/// The terminal's Ctrl-C so reaches only Plumbline, which asks the whole group to end (make then
/// removes its half-made files) and kills it when it does not.
struct BuildProcess: Sendable {
    /// How a program ended and what it said.
    struct Outcome: Sendable {
        /// The exit code; 128 and the signal's number where a signal ended it.
        var code: Int32
        /// The last lines of both streams, at most `BuildProcess.linesKept`.
        var lines: [String]

        var succeeded: Bool { code == 0 }
        /// All that was kept, as one text.
        var text: String { lines.joined(separator: "\n") }
    }

    /// Lines kept of a program that was not asked for more.
    static let linesKept = 4000
    private static let look = Duration.milliseconds(100)
    private static let patience = Duration.seconds(5)

    /// Whether the user wants to end; asked ten times a second.
    var isInterrupted: @Sendable () -> Bool

    /// Runs `arguments[0]`, looked up in PATH, in a directory, to its end.
    ///
    /// - Parameters:
    ///   - keeping: how many of the last lines to return.
    ///   - line: takes each line of both streams as it comes.
    /// - Throws: `interrupted`; `failure` when the program cannot be started.
    @discardableResult
    func run(
        _ arguments: [String], in directory: String? = nil, keeping: Int = linesKept,
        line: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(PlumblineError) -> Outcome {
        try refuseInterrupted()
        var options = PlatformOptions()
        options.processGroupID = 0
        let outcome: ExecutionResult<[String], SequenceOutput, CombinedErrorOutput>
        do {
            outcome = try await Subprocess.run(
                .name(arguments[0]), arguments: Arguments(Array(arguments.dropFirst())),
                environment: .inherit.updating(["LC_ALL": "C"]),
                workingDirectory: directory.map { FilePath($0) }, platformOptions: options,
                input: .none, output: .sequence, error: .combinedWithOutput
            ) { execution in
                let isInterrupted = isInterrupted
                let watch = Task {
                    try await Self.untilTrue(isInterrupted)
                    try? execution.send(signal: .terminate, toProcessGroup: true)
                    try await Task.sleep(for: Self.patience)
                    try? execution.send(signal: .kill, toProcessGroup: true)
                }
                defer { watch.cancel() }
                return try await Self.lines(of: execution.standardOutput, keeping, line)
            }
        } catch {
            try refuseInterrupted()
            throw .failure("\(arguments[0]) could not be run: \(error)")
        }
        try refuseInterrupted()
        let code: Int32 =
            switch outcome.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        return Outcome(code: code, lines: outcome.closureResult)
    }

    /// Runs a program that must succeed.
    ///
    /// - Parameter purpose: what could not be done without it, for the error.
    /// - Throws: `failure` with the last that it said.
    @discardableResult
    func require(
        _ arguments: [String], in directory: String? = nil, purpose: String,
        keeping: Int = linesKept
    ) async throws(PlumblineError) -> Outcome {
        let outcome = try await run(arguments, in: directory, keeping: keeping)
        guard !outcome.succeeded else { return outcome }
        let said = outcome.lines.filter { !$0.isEmpty }.suffix(3).joined(separator: "; ")
        throw BuildFailure.diskFull(in: outcome.lines, while: purpose)
            ?? .failure("\(purpose) failed: \(arguments[0]) ended with \(outcome.code): \(said)")
    }

    /// Throws `interrupted` once the user wants to end.
    func refuseInterrupted() throws(PlumblineError) {
        if isInterrupted() {
            throw PlumblineError(
                .interrupted, "interrupted",
                remedy: "what is finished is kept: the same command goes on from there")
        }
    }

    private static func untilTrue(_ condition: @Sendable () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: look) }
    }

    private static func lines(
        of output: SubprocessOutputSequence, _ count: Int,
        _ line: @Sendable (String) -> Void
    ) async throws -> [String] {
        var splitter = LineSplitter(limit: 64 << 10)
        var kept: [String] = []
        func take(_ bytes: [UInt8]) {
            for case .complete(let whole) in splitter.feed(bytes) {
                let text = String(decoding: whole, as: UTF8.self)
                line(text)
                kept.append(text)
            }
            if kept.count / 2 >= count { kept.removeFirst(kept.count - count) }
        }
        for try await buffer in output { take(buffer.withUnsafeBytes { Array($0) }) }
        if splitter.unfinished > 0 { take([UInt8(ascii: "\n")]) }
        return Array(kept.suffix(count))
    }
}
