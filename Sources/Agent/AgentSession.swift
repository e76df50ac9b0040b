// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol
import SystemPackage

/// Serves a controller over two byte streams: a `hello`, then an answer to each order, then a `bye`.
///
/// Synchronous, with no thread of its own. It ends at `bye`, at the end of its input, when nobody
/// reads its output any more, and after a signal; each time everything is put back first.
public final class AgentSession {
    private let input: CInt
    private let output: CInt
    private let executor: SliceExecutor
    private let complaints: () -> [String]
    private var splitter = LineSplitter()
    private var waiting: [LineSplitter.Line] = []
    private var lastPulse: UInt64 = 0
    private var isDeaf = false

    /// A session on two descriptors, which stay the caller's.
    ///
    /// - Parameters:
    ///   - counts: whether perf counters watch the workers.
    ///   - complaints: asked after each slice what makes worthless all that was measured.
    /// - Throws: `failure` when changes to the machine cannot be put on record.
    public init(
        input: CInt, output: CInt, clock: FastClock, counts: Bool,
        complaints: @escaping () -> [String] = { [] }
    ) throws(PlumblineError) {
        self.input = input
        self.output = output
        self.complaints = complaints
        executor = try SliceExecutor(clock: clock, counts: counts)
    }

    /// Serves until the end.
    ///
    /// - Returns: the exit code: 0, or 130 after a signal.
    public func serve(hello: Hello) -> Int32 {
        defer { executor.putBack() }
        send(.hello(hello))
        while !isDeaf, Interrupts.pending == nil, let line = nextLine() {
            guard handle(line) else { break }
        }
        executor.putBack()
        send(.bye)
        return Interrupts.pending == nil ? 0 : 130
    }

    /// Answers one line.
    ///
    /// - Returns: whether to go on.
    private func handle(_ line: LineSplitter.Line) -> Bool {
        switch line {
        case .tooLong(let bytes):
            send(
                .failed(
                    order: nil,
                    error: .failure(
                        "a line of \(bytes) bytes is longer than \(LineCodec.lengthLimit)")))
        case .complete(let bytes):
            do throws(PlumblineError) {
                switch try LineCodec.decode(ControllerMessage.self, from: bytes) {
                case .bye: return false
                case .run(let order): run(order)
                }
            } catch {
                send(.failed(order: nil, error: error))
            }
        }
        return true
    }

    private func run(_ order: SliceOrder) {
        executor.pulse = { [unowned self] in heartbeat(order.order) }
        executor.isDeaf = { [unowned self] in isDeaf }
        executor.log = { [unowned self] text in send(.log(text)) }
        do throws(PlumblineError) {
            let slice = try executor.execute(order)
            if let complaint = complaints().first {
                send(.unfit(order: order.order, error: .failure(complaint)))
            } else {
                send(.result(order: order.order, slice: slice))
            }
        } catch {
            send(.failed(order: order.order, error: error))
        }
    }

    private func heartbeat(_ order: Int) {
        let now = Clock.monotonicNanoseconds()
        guard now - lastPulse >= 1_000_000_000 else { return }
        lastPulse = now
        send(.heartbeat(order: order))
    }

    /// Writes one line; a reader that is gone ends the session.
    private func send(_ message: AgentMessage) {
        guard !isDeaf else { return }
        do {
            let line = try LineCodec.encode(message)
            try line.withUnsafeBytes { try RawStream.writeAll($0, to: output) }
        } catch {
            isDeaf = true
        }
    }

    /// The next line of the input; `nil` at its end or after a signal.
    private func nextLine() -> LineSplitter.Line? {
        while waiting.isEmpty {
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            let room = buffer.count
            let got = buffer.withUnsafeMutableBytes { bytes in
                try? RawStream.read(into: bytes, from: input, atMost: room)
            }
            guard let got, got > 0 else { return nil }
            waiting = splitter.feed(buffer[..<got])
        }
        return waiting.removeFirst()
    }
}
