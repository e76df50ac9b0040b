// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import Subprocess
import Synchronization
import SystemPackage

/// A program whose standard input this process holds open, such as a connection by ssh.
///
/// The program is one that ends when its input ends: it does not outlive this process, even one
/// that is killed. It has a process group of its own, so that the terminal's Ctrl-C spares it.
final class HeldProcess: Sendable {
    /// How a wait for a line ended.
    enum Awaited: Sendable, Equatable {
        /// The line came.
        case line(String)
        /// The program ended without it.
        case ended
        /// The time was over.
        case late
    }

    private enum Order: Sendable {
        case write([UInt8])
        case endInput
        case kill
    }

    private struct State: Sendable {
        /// Lines of output that nobody took yet.
        var lines: [String] = []
        /// The last lines of diagnostics.
        var errors: [String] = []
        var process: Int32?
        var signal: Int32?
        var isEnded = false
    }

    private final class Record: Sendable {
        let state = Mutex(State())
    }

    /// Lines kept of what nobody takes.
    private static let kept = 100
    /// How often a wait looks.
    private static let pause = Duration.milliseconds(5)

    private let record: Record
    private let orders: AsyncStream<Order>.Continuation

    /// Starts a program.
    ///
    /// - Parameter path: its file.
    init(_ path: String, _ arguments: [String]) {
        let record = Record()
        let (orders, sink) = AsyncStream.makeStream(of: Order.self)
        self.record = record
        self.orders = sink
        Task {
            await Self.run(path, arguments: arguments, orders: orders, sink: sink, record: record)
        }
    }

    /// Its process id; nil until it is started.
    var process: Int32? { record.state.withLock { $0.process } }
    /// Whether it ended.
    var isEnded: Bool { record.state.withLock { $0.isEnded } }
    /// The signal that ended it; nil while it runs, and where it exited.
    var signal: Int32? { record.state.withLock { $0.signal } }
    /// Its last lines of diagnostics, the newest last.
    var errors: [String] { record.state.withLock { $0.errors } }

    /// Writes to its input.
    func write(_ bytes: [UInt8]) { orders.yield(.write(bytes)) }

    /// Takes lines of its output until one is accepted.
    ///
    /// - Throws: `interrupted`.
    func line(
        limit: Duration, isInterrupted: @Sendable () -> Bool,
        where accepts: @Sendable (String) -> Bool
    ) async throws(PlumblineError) -> Awaited {
        let deadline = ContinuousClock.now + limit
        while true {
            let (lines, isEnded) = record.state.withLock { state in
                defer { state.lines = [] }
                return (state.lines, state.isEnded)
            }
            if let index = lines.firstIndex(where: accepts) {
                let rest = Array(lines[(index + 1)...])
                record.state.withLock { $0.lines.insert(contentsOf: rest, at: 0) }
                return .line(lines[index])
            }
            if isEnded { return .ended }
            if isInterrupted() { throw PlumblineError(.interrupted, "interrupted") }
            guard ContinuousClock.now < deadline else { return .late }
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// Ends its input, and kills it when it does not end by itself.
    func end(within limit: Duration) async {
        orders.yield(.endInput)
        await wait(limit)
        orders.yield(.kill)
        // Another program may hold its output open, as the master does for a killed ssh.
        await wait(.seconds(2))
    }

    private func wait(_ limit: Duration) async {
        let deadline = ContinuousClock.now + limit
        while !isEnded, ContinuousClock.now < deadline { try? await Task.sleep(for: Self.pause) }
    }

    private static func run(
        _ path: String, arguments: [String], orders: AsyncStream<Order>,
        sink: AsyncStream<Order>.Continuation, record: Record
    ) async {
        var options = PlatformOptions()
        options.processGroupID = 0
        do {
            let outcome = try await Subprocess.run(
                .path(FilePath(path)), arguments: Arguments(arguments), platformOptions: options,
                input: .inputWriter, output: .sequence, error: .sequence
            ) { execution in
                record.state.withLock { $0.process = execution.processIdentifier.value }
                await withTaskGroup { group in
                    group.addTask {
                        await read(execution.standardOutput) { line in
                            record.state.withLock { keep(line, in: &$0.lines) }
                        }
                        sink.finish()
                    }
                    group.addTask {
                        await read(execution.standardError) { line in
                            record.state.withLock { keep(line, in: &$0.errors) }
                        }
                    }
                    for await order in orders {
                        switch order {
                        case .write(let bytes):
                            _ = try? await execution.standardInputWriter.write(bytes)
                        case .endInput: try? await execution.standardInputWriter.finish()
                        case .kill: try? execution.send(signal: .kill)
                        }
                    }
                }
            }
            if case .signaled(let signal) = outcome.terminationStatus {
                record.state.withLock { $0.signal = signal }
            }
        } catch {
            record.state.withLock { $0.errors.append("\(error)") }
        }
        sink.finish()
        record.state.withLock { $0.isEnded = true }
    }

    private static func keep(_ line: String, in lines: inout [String]) {
        lines.append(line)
        if lines.count > kept { lines.removeFirst() }
    }

    private static func read(
        _ output: SubprocessOutputSequence, _ keep: @Sendable (String) -> Void
    ) async {
        var splitter = LineSplitter(limit: 64 << 10)
        func take(_ bytes: [UInt8]) {
            for case .complete(var whole) in splitter.feed(bytes) {
                // ssh ends its lines as a terminal needs it.
                if whole.last == UInt8(ascii: "\r") { whole.removeLast() }
                keep(String(decoding: whole, as: UTF8.self))
            }
        }
        do {
            for try await buffer in output { take(buffer.withUnsafeBytes { Array($0) }) }
        } catch { return }
        if splitter.unfinished > 0 { take([UInt8(ascii: "\n")]) }
    }
}
