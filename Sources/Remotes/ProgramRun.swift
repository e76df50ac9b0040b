// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import Subprocess
import Synchronization
import SystemPackage

/// A program that runs to its end, with what it is given and what it says.
enum ProgramRun {
    /// How it ended.
    struct Result: Sendable {
        /// Its standard output, at most `limit` bytes.
        var output: [UInt8] = []
        /// Its standard error, at most as much.
        var errors: [UInt8] = []
        /// Its exit code; 128 and the signal's number after a signal.
        var code: Int32 = 0
        /// Whether it was killed because its time was over.
        var isLate = false
    }

    private final class Flag: Sendable {
        let isSet = Atomic(false)
    }

    /// Bytes kept of each stream.
    private static let limit = 16 << 20

    /// Runs a program in a process group of its own.
    ///
    /// - Parameters:
    ///   - path: its file.
    ///   - input: its whole standard input.
    ///   - limit: the longest time it may take; it is killed then.
    /// - Throws: `interrupted`, and `failure` when it cannot be started.
    static func run(
        _ path: String, _ arguments: [String], input: [UInt8], limit: Duration,
        isInterrupted: @escaping @Sendable () -> Bool
    ) async throws(PlumblineError) -> Result {
        let (ends, sink) = AsyncStream.makeStream(
            of: Swift.Result<Result, PlumblineError>.self)
        Task {
            do throws(PlumblineError) {
                sink.yield(
                    .success(
                        try await runToEnd(
                            path, arguments, input: input, limit: limit,
                            isInterrupted: isInterrupted)))
            } catch { sink.yield(.failure(error)) }
        }
        // Another program may hold its output open, as the master does for a killed ssh.
        let watch = Task {
            try await wait(limit, isInterrupted)
            try await Task.sleep(for: .seconds(1))
            sink.yield(.success(Result(isLate: true)))
        }
        defer { watch.cancel() }
        for await end in ends {
            if isInterrupted() { break }
            return try end.get()
        }
        throw PlumblineError(.interrupted, "interrupted")
    }

    /// Waits for the end of the time or an interruption.
    private static func wait(
        _ limit: Duration, _ isInterrupted: @Sendable () -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while !isInterrupted(), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private static func runToEnd(
        _ path: String, _ arguments: [String], input: [UInt8], limit: Duration,
        isInterrupted: @escaping @Sendable () -> Bool
    ) async throws(PlumblineError) -> Result {
        var options = PlatformOptions()
        options.processGroupID = 0
        let late = Flag()
        do {
            let outcome = try await Subprocess.run(
                .path(FilePath(path)), arguments: Arguments(arguments), platformOptions: options,
                input: .inputWriter, output: .sequence, error: .sequence
            ) { execution in
                let watch = Task {
                    try await wait(limit, isInterrupted)
                    late.isSet.store(!isInterrupted(), ordering: .relaxed)
                    try? execution.send(signal: .kill, toProcessGroup: true)
                }
                defer { watch.cancel() }
                return await withTaskGroup(
                    of: (isOutput: Bool, bytes: [UInt8]).self, returning: Result.self
                ) { group in
                    group.addTask { (true, await bytes(of: execution.standardOutput)) }
                    group.addTask { (false, await bytes(of: execution.standardError)) }
                    if !input.isEmpty { _ = try? await execution.standardInputWriter.write(input) }
                    try? await execution.standardInputWriter.finish()
                    var result = Result()
                    for await part in group {
                        if part.isOutput {
                            result.output = part.bytes
                        } else {
                            result.errors = part.bytes
                        }
                    }
                    return result
                }
            }
            var result = outcome.closureResult
            result.isLate = late.isSet.load(ordering: .relaxed)
            switch outcome.terminationStatus {
            case .exited(let code): result.code = code
            case .signaled(let signal): result.code = 128 + signal
            }
            return result
        } catch {
            throw .failure("cannot run \(path): \(error)")
        }
    }

    private static func bytes(of output: SubprocessOutputSequence) async -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await buffer in output where bytes.count < limit {
                bytes += buffer.withUnsafeBytes { Array($0) }
            }
        } catch { return bytes }
        return bytes
    }

    /// Where PATH has a program.
    ///
    /// - Throws: `failure` when it is not installed.
    static func find(_ name: String, package: String) throws(PlumblineError) -> String {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        let places = path.split(separator: ":").map { "\($0)/\(name)" }
        guard let found = places.first(where: { SystemFile.exists($0) }) else {
            throw .failure("\(name) is not installed", remedy: "apt-get install \(package)")
        }
        return found
    }
}
