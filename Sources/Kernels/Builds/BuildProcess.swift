// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import Subprocess
import SystemPackage

/// Runs the programs of a build, each in its own process group, and ends them on Ctrl-C.
///
/// The terminal's Ctrl-C thus reaches plumbline only, which sends SIGTERM to the group (make then
/// removes its partial files), and SIGKILL later. It waits for the end of the whole group: git, for
/// one, ends before the programs that it has started.
struct BuildProcess: Sendable {
    /// How a program ended, and its output.
    struct Outcome: Sendable {
        /// The exit code; 128 and the signal's number after a signal.
        var code: Int32
        /// The last lines of both streams, at most `BuildProcess.linesKept`.
        var lines: [String]

        var succeeded: Bool { code == 0 }
    }

    /// Lines kept by default.
    static let linesKept = 4000
    /// The time between SIGTERM and SIGKILL.
    static let killTimeout = Duration.seconds(5)

    /// Whether the user wants to end; polled ten times a second.
    var isInterrupted: @Sendable () -> Bool

    /// Runs `arguments[0]`, looked up in PATH, to its end.
    ///
    /// - Parameters:
    ///   - keeping: how many of the last lines to return.
    ///   - grace: the time that it and its group have to end after SIGTERM.
    ///   - line: called for each line of both streams.
    @discardableResult
    func run(
        _ arguments: [String], in directory: String? = nil, keeping: Int = linesKept,
        grace: Duration = killTimeout, line: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(PlumblineError) -> Outcome {
        try refuseInterrupted()
        var options = PlatformOptions()
        options.processGroupID = 0
        let program = arguments[0]
        let outcome: ExecutionResult<[String], SequenceOutput, CombinedErrorOutput>
        do {
            outcome = try await Subprocess.run(
                program.contains("/") ? .path(FilePath(program)) : .name(program),
                arguments: Arguments(Array(arguments.dropFirst())),
                environment: .inherit.updating(["LC_ALL": "C"]),
                workingDirectory: directory.map { FilePath($0) }, platformOptions: options,
                input: .none, output: .sequence, error: .combinedWithOutput
            ) { execution in
                let isInterrupted = isInterrupted
                let watch = Task {
                    while !isInterrupted() { try await Task.sleep(for: .milliseconds(100)) }
                    try? execution.send(signal: .terminate, toProcessGroup: true)
                    try await Task.sleep(for: grace)
                    try? execution.send(signal: .kill, toProcessGroup: true)
                }
                defer { watch.cancel() }
                let lines: Swift.Result<[String], any Swift.Error>
                do {
                    lines = .success(
                        try await Self.lines(
                            of: execution.standardOutput, keeping: keeping, line: line))
                } catch {
                    lines = .failure(error)
                }
                if isInterrupted() {
                    await ProcessGroup(id: execution.processIdentifier.value)
                        .awaitEnd(within: grace + .seconds(1))
                }
                return try lines.get()
            }
        } catch {
            try refuseInterrupted()
            throw .failure("cannot run \(arguments[0]): \(error)")
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
    /// - Parameter purpose: what the program is for, such as `copying DIR`, for the error.
    @discardableResult
    func require(
        _ arguments: [String], in directory: String? = nil, purpose: String,
        keeping: Int = linesKept
    ) async throws(PlumblineError) -> Outcome {
        let outcome = try await run(arguments, in: directory, keeping: keeping)
        guard !outcome.succeeded else { return outcome }
        let last = outcome.lines.filter { !$0.isEmpty }.suffix(3).joined(separator: "; ")
        throw BuildFailure.diskFull(in: outcome.lines, while: purpose)
            ?? .failure("\(purpose): \(arguments[0]) failed with code \(outcome.code): \(last)")
    }

    /// Throws `interrupted` when the user wants to end.
    func refuseInterrupted() throws(PlumblineError) {
        guard isInterrupted() else { return }
        throw PlumblineError(
            .interrupted, "interrupted",
            remedy: "run the same command again to continue; finished work is kept")
    }

    private static func lines(
        of output: SubprocessOutputSequence, keeping count: Int, line: @Sendable (String) -> Void
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
