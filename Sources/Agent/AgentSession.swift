// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol
import SystemPackage

/// Serves a controller over two byte streams, one order at a time: a `hello`, an answer to each
/// `prepare`, `turn`, `run`, `release` and `probe`, and a `bye`.
///
/// Synchronous, without threads. It ends at `bye`, at the end of its input, when the peer closes its
/// output, and after a signal; each time it first undoes its changes of the machine, and those of a
/// controller that was killed.
public final class AgentSession {
    private let input: CInt
    private let output: CInt
    private let executor: OrderExecutor
    private let unfitReason: () -> String?
    private var splitter = LineSplitter()
    private var lines: [LineSplitter.Line] = []
    private var lastPulse: UInt64 = 0
    private var peerClosed = false

    /// A session on two descriptors, which the caller closes.
    ///
    /// - Parameters:
    ///   - counts: whether perf counters watch the workers.
    ///   - isAlone: whether nothing but this agent uses the machine, as in a guest.
    ///   - isDry: whether preparing a cell only logs what it would change.
    ///   - unfitReason: called after each slice: why nothing that was measured here counts.
    /// - Throws: `failure` when changes to the machine cannot be recorded.
    public init(
        input: CInt, output: CInt, clock: FastClock, counts: Bool, isAlone: Bool = false,
        isDry: Bool = false, unfitReason: @escaping () -> String? = { nil }
    ) throws(PlumblineError) {
        self.input = input
        self.output = output
        self.unfitReason = unfitReason
        executor = try OrderExecutor(
            clock: clock, counts: counts, isAlone: isAlone, isDry: isDry)
        executor.peerClosed = { [unowned self] in peerClosed }
        executor.log = { [unowned self] text in send(.log(text)) }
    }

    /// Serves until the end.
    ///
    /// - Returns: the exit code: 0, or 130 after a signal.
    public func serve(hello: Hello) -> Int32 {
        defer { executor.undoAll() }
        let controller = ChildProcess.parentID
        var isDismissed = false
        send(.hello(hello))
        while !peerClosed, !isDismissed, Interrupts.pending == nil, let line = nextLine() {
            isDismissed = !handle(line)
        }
        // Without a word the input ends when the controller is killed: its knobs are still switched.
        if !isDismissed, Interrupts.pending == nil {
            UndoLog.restore(whenEnded: controller, in: StateDirectory.path)
        }
        executor.undoAll()
        VerboseLog.send(to: nil)
        send(.bye)
        return Interrupts.pending == nil ? 0 : 130
    }

    /// Answers one line.
    ///
    /// - Returns: whether to go on.
    private func handle(_ line: LineSplitter.Line) -> Bool {
        do throws(PlumblineError) {
            switch line {
            case .tooLong(let bytes):
                throw .failure(
                    "a line of \(bytes) bytes is longer than \(LineCodec.messageLimit) bytes")
            case .complete(let bytes):
                switch try LineCodec.decode(ControllerMessage.self, from: bytes) {
                case .bye: return false
                case .verbose:
                    VerboseLog.send { [output] text in
                        guard let line = try? LineCodec.encode(AgentMessage.log(text)) else {
                            return
                        }
                        try? RawStream.writeAll(line, to: output)
                    }
                case .prepare(let order):
                    answer(order.order) { () throws(PlumblineError) in
                        try executor.prepare(order)
                        return .prepared(order: order.order)
                    }
                case .turn(let order):
                    answer(order.order) { () throws(PlumblineError) in
                        if let reason = try executor.turn(order) {
                            return .unfit(order: order.order, error: .failure(reason))
                        }
                        return .turned(order: order.order)
                    }
                case .run(let order):
                    answer(order.order) { () throws(PlumblineError) in
                        let slice = try executor.run(order)
                        if let reason = unfitReason() {
                            return .unfit(order: order.order, error: .failure(reason))
                        }
                        return .result(order: order.order, slice: slice)
                    }
                case .probe(let order):
                    answer(order.order) { () throws(PlumblineError) in
                        .probed(order: order.order, record: try executor.probe(order))
                    }
                case .release(let order):
                    answer(order.order) { () throws(PlumblineError) in
                        .released(order: order.order, visit: executor.release(order))
                    }
                }
            }
        } catch {
            send(.failed(order: nil, error: error))
        }
        return true
    }

    /// Carries out an order and sends the answer.
    private func answer(_ order: Int, _ body: () throws(PlumblineError) -> AgentMessage) {
        executor.pulse = { [unowned self] in heartbeat(order) }
        do throws(PlumblineError) { send(try body()) } catch {
            send(.failed(order: order, error: error))
        }
    }

    private func heartbeat(_ order: Int) {
        let now = Clock.monotonicNanoseconds()
        guard now - lastPulse >= 1_000_000_000 else { return }
        lastPulse = now
        send(.heartbeat(order: order))
    }

    /// Writes one line; the session ends when the peer has closed its end.
    private func send(_ message: AgentMessage) {
        guard !peerClosed else { return }
        do {
            try RawStream.writeAll(LineCodec.encode(message), to: output)
        } catch {
            peerClosed = true
        }
    }

    /// The next line of the input; `nil` at its end or after a signal.
    private func nextLine() -> LineSplitter.Line? {
        while lines.isEmpty {
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            let got = buffer.withUnsafeMutableBytes { try? RawStream.read(into: $0, from: input) }
            guard let got, got > 0 else { return nil }
            lines = splitter.feed(buffer[..<got])
        }
        return lines.removeFirst()
    }
}
