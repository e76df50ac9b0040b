// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// Helper programs, such as mkfs, run to their end by a process without an async runtime.
public enum Command {
    /// How a program ended, and its output.
    public struct Result: Sendable, Equatable {
        /// How it ended; a program that is not found cannot be started and throws.
        public let exit: ChildProcess.Exit
        /// Standard output and standard error as they came, bad UTF-8 repaired.
        public let output: String
        /// Whether the output was cut.
        public let isTruncated: Bool

        /// Whether it exited with status 0.
        public var succeeded: Bool { exit == .exited(0) }
    }

    /// Runs `arguments[0]`, looked up in PATH, with `posix_spawnp(3)` and waits for its end.
    ///
    /// Standard input is empty. On an error or at the time limit the program is killed.
    ///
    /// - Parameters:
    ///   - outputLimit: the most bytes of output to keep; the rest is read and dropped.
    ///   - timeoutMilliseconds: the longest time it may take; nil for no limit.
    ///   - pulse: called every 50 ms at least while it runs.
    /// - Throws: `noSuchFileOrDirectory` when there is no such program, `timedOut`,
    ///   `interrupted` when a signal ends the wait, `invalidArgument` without arguments.
    public static func run(
        _ arguments: [String], outputLimit: Int = 64 << 10, timeoutMilliseconds: Int? = nil,
        pulse: () -> Void = {}
    ) throws(Errno) -> Result {
        let pipe = try Pipe()
        let child = try spawn(arguments, output: pipe.writer)
        let output = pipe.takeReader()
        do {
            return try collect(
                child, from: output, limit: outputLimit, timeout: timeoutMilliseconds,
                pulse: pulse)
        } catch {
            try? child.kill()
            _ = try? child.wait()
            throw error
        }
    }

    /// Starts `arguments[0]`, looked up in PATH, with `posix_spawnp(3)` and does not wait.
    ///
    /// Its standard input is empty; its standard output and standard error go to `output`.
    ///
    /// - Throws: `noSuchFileOrDirectory` when there is no such program, `invalidArgument`
    ///   without arguments.
    public static func spawn(
        _ arguments: [String], output: borrowing Descriptor
    ) throws(Errno) -> ChildProcess {
        let raw = output.rawValue
        return try ArgumentVector.with(arguments) { (words) throws(Errno) in
            ChildProcess(id: try checked(cshims_spawn(words, raw, raw)))
        }
    }

    /// Reads until the output ends, or until the program has ended and nothing more is there:
    /// something it left running may hold the pipe open.
    private static func collect(
        _ child: ChildProcess, from pipe: borrowing Descriptor, limit: Int, timeout: Int?,
        pulse: () -> Void
    ) throws(Errno) -> Result {
        let deadline = timeout.map { Clock.monotonicNanoseconds() + UInt64($0) * 1_000_000 }
        var kept: [UInt8] = []
        var isTruncated = false
        var exit: ChildProcess.Exit?
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)
        defer { chunk.deallocate() }
        var isOpen = true
        while exit == nil || isOpen {
            pulse()
            if let deadline, Clock.monotonicNanoseconds() > deadline { throw .timedOut }
            if isOpen, !(try pipe.poll(.input, timeoutMilliseconds: 50)).isEmpty {
                let count = try pipe.read(into: chunk)
                let room = min(count, limit - kept.count)
                kept.append(contentsOf: chunk[..<room])
                if room < count { isTruncated = true }
                isOpen = count > 0
            } else if exit != nil {
                isOpen = false
            } else {
                exit = try child.wait(noHang: true)
                if !isOpen, exit == nil { try Clock.sleep(nanoseconds: 1_000_000) }
            }
        }
        return Result(
            exit: exit ?? .exited(255), output: String(decoding: kept, as: UTF8.self),
            isTruncated: isTruncated)
    }
}
