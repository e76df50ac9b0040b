// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import Protocol
import Testing

/// A real `plumbline-agent`, driven over its pipes as a controller would.
final class AgentProcess {
    let child: ChildProcess
    private var ends: Ends?
    private var splitter = LineSplitter()
    private var lines: [LineSplitter.Line] = []

    /// The binary beside the one that runs the tests.
    static let path: String = {
        let folders = [(try? SystemFile.ownProgram()) ?? "", CommandLine.arguments[0]].map { path in
            path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        }
        let found = folders.map { $0 + "/plumbline-agent" }.first { SystemFile.exists($0) }
        return found ?? ".build/debug/plumbline-agent"
    }()

    /// The agent's own ends, kept until it has opened them.
    private var agentEnds: Pipes?

    private final class Pipes {
        let input: Pipe
        let output: Pipe
        init() throws {
            input = try Pipe()
            output = try Pipe()
        }
    }

    /// The controller's ends.
    private final class Ends {
        let toAgent: Descriptor
        let fromAgent: Descriptor
        init(_ pipes: Pipes) throws {
            toAgent = try pipes.input.writer.duplicate()
            fromAgent = try pipes.output.reader.duplicate()
        }
    }

    init(_ arguments: [String] = []) throws {
        // A test that outlives its agent reports that, and is not killed by a write.
        signal(SIGPIPE, SIG_IGN)
        let pipes = try Pipes()
        ends = try Ends(pipes)
        child = try Self.start(
            [Self.path] + arguments, input: pipes.input.reader.rawValue,
            output: pipes.output.writer.rawValue)
        agentEnds = pipes
    }

    deinit {
        try? child.kill(ChildProcess.killSignal)
        _ = try? child.wait()
    }

    /// A shell hands the descriptors over, because the spawn of the Linux module has no stdin.
    private static func start(
        _ words: [String], input: Int32, output: Int32
    ) throws -> ChildProcess {
        let quoted = words.map { "'\($0)'" }.joined(separator: " ")
        let own = ChildProcess.currentID
        let script =
            "exec \(quoted) </proc/\(own)/fd/\(input) >/proc/\(own)/fd/\(output) 2>/dev/null"
        let null = try Descriptor.open("/dev/null", .write)
        return try Command.spawn(["sh", "-c", script], output: null)
    }

    func send(_ text: String) throws {
        try #require(ends).toAgent.writeAll(text)
    }

    /// Closes both streams, as the end of a controller does.
    func hangUp() {
        ends = nil
        agentEnds = nil
    }

    func send(_ message: ControllerMessage) throws {
        try send(String(decoding: LineCodec.encode(message), as: UTF8.self))
    }

    /// The next message; `nil` at the end of the stream.
    func next() throws -> AgentMessage? {
        let ends = try #require(ends)
        while lines.isEmpty {
            // Its first line shows that it has its ends, and its death must be seen after that.
            if agentEnds != nil {
                guard !(try ends.fromAgent.poll(.input, timeoutMilliseconds: 300_000)).isEmpty
                else {
                    return nil
                }
                agentEnds = nil
            }
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            let got = try buffer.withUnsafeMutableBytes {
                try ends.fromAgent.read(into: $0)
            }
            if got == 0 { return nil }
            lines = splitter.feed(buffer[..<got])
        }
        guard case .complete(let bytes) = lines.removeFirst() else { return nil }
        return try LineCodec.decode(AgentMessage.self, from: bytes)
    }

    /// Has a cell prepared and a slice of it ordered; where it is refused, that is the next answer.
    func send(_ order: TestOrder) throws {
        try send(.prepare(order.preparation))
        var prepared: AgentMessage?
        repeat { prepared = try next() } while prepared.map { $0.isSignOfLife } ?? false
        guard case .prepared? = prepared else {
            refusal = prepared
            return
        }
        try send(.run(order.slice))
    }

    private var refusal: AgentMessage?

    /// The next message that answers an order, heartbeats and logs left out.
    func answer() throws -> AgentMessage? {
        if let refusal {
            self.refusal = nil
            return refusal
        }
        while let message = try next() {
            if !message.isSignOfLife { return message }
        }
        return nil
    }

    func end() throws -> ChildProcess.Exit { try child.wait() }

    /// Waits for so many signs of life of an order.
    func awaitHeartbeats(of order: Int, count: Int = 1) throws {
        var beats = 0
        while beats < count, let message = try next() {
            if case .heartbeat(order) = message { beats += 1 }
        }
        #expect(beats == count)
    }

    /// Has a slice run, and again, twice as long each time, while nothing completed in it.
    func slice(_ number: Int, _ make: (_ duration: Int) -> TestOrder) throws -> SliceRecord {
        var duration = 50_000_000
        while true {
            try send(make(duration))
            guard case .result(number, let slice)? = try answer() else {
                throw NoResult(order: number)
            }
            if slice.operations > 0 || duration > 30_000_000_000 { return slice }
            duration *= 2
        }
    }
}

/// An order that was answered with something else than a slice.
struct NoResult: Error { var order: Int }

/// An order for a cell and one slice of it.
struct TestOrder {
    var preparation: PrepareOrder
    var slice: SliceOrder
}

extension AgentMessage {
    /// Whether it answers no order.
    var isSignOfLife: Bool {
        switch self {
        case .heartbeat, .log: true
        default: false
        }
    }
}

/// An order for a short slice.
func order(
    _ number: Int, _ workload: String = "pipe", _ settings: [String: SettingValue] = [:],
    pressure: String = "none", pressureSettings: [String: SettingValue] = [:],
    duration: Int = 50_000_000, guardTime: Int = 5_000_000,
    countsInstructions: Bool = false
) -> TestOrder {
    TestOrder(
        preparation: PrepareOrder(
            order: number, visit: 0,
            cell: CellPlan(
                name: "test", workload: workload, settings: settings, pressure: pressure,
                pressureSettings: pressureSettings), seed: 1,
            countsInstructions: countsInstructions),
        slice: SliceOrder(
            order: number, visit: 0, cell: "test", number: 0, duration: duration,
            guardTime: guardTime, seed: 1))
}
