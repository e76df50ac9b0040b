// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Glibc
import Linux
import Protocol
import Testing

/// A real `plumbline-agent`, driven over its pipes as a controller would.
final class AgentProcess {
    let child: ChildProcess
    private let toAgent: Descriptor
    private let fromAgent: Descriptor
    private var splitter = LineSplitter()
    private var lines: [LineSplitter.Line] = []

    /// The binary beside the one that runs the tests.
    static let path: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let folders = [own ?? "", CommandLine.arguments[0]].map { path in
            path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        }
        let found = folders.map { $0 + "/plumbline-agent" }.first { SystemFile.exists($0) }
        return found ?? ".build/debug/plumbline-agent"
    }()

    /// The agent's own ends, kept until it has opened them.
    private var agentEnds: Ends?

    private final class Ends {
        let input: Pipe
        let output: Pipe
        init() throws {
            input = try Pipe()
            output = try Pipe()
        }
    }

    init(_ arguments: [String] = []) throws {
        // A test that outlives its agent reports that, and is not killed by a write.
        signal(SIGPIPE, SIG_IGN)
        let ends = try Ends()
        toAgent = try ends.input.writer.duplicate()
        fromAgent = try ends.output.reader.duplicate()
        child = try Self.start(
            [Self.path] + arguments, input: ends.input.reader.rawValue,
            output: ends.output.writer.rawValue)
        agentEnds = ends
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
        try toAgent.writeAll(text)
    }

    func send(_ message: ControllerMessage) throws {
        try send(String(decoding: LineCodec.encode(message), as: UTF8.self))
    }

    /// The next message; `nil` at the end of the stream.
    func next() throws -> AgentMessage? {
        while lines.isEmpty {
            // Its first line shows that it has its ends, and its death must be seen after that.
            if agentEnds != nil {
                guard !(try fromAgent.poll(.input, timeoutMilliseconds: 30_000)).isEmpty else {
                    return nil
                }
                agentEnds = nil
            }
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            let got = try buffer.withUnsafeMutableBytes { try fromAgent.read(into: $0) }
            if got == 0 { return nil }
            lines = splitter.feed(buffer[..<got])
        }
        guard case .complete(let bytes) = lines.removeFirst() else { return nil }
        return try LineCodec.decode(AgentMessage.self, from: bytes)
    }

    /// The next message that answers an order, heartbeats and logs left out.
    func answer() throws -> AgentMessage? {
        while let message = try next() {
            switch message {
            case .heartbeat, .log: continue
            default: return message
            }
        }
        return nil
    }

    func end() throws -> ChildProcess.Exit { try child.wait() }
}

/// An order for a short slice.
func order(
    _ number: Int, _ workload: String = "pipe", _ settings: [String: SettingValue] = [:],
    pressure: String = "none", pressureSettings: [String: SettingValue] = [:],
    duration: Int = 50_000_000, guardTime: Int = 5_000_000,
    countsInstructions: Bool = false
) -> ControllerMessage {
    .run(
        SliceOrder(
            order: number,
            cell: CellPlan(
                name: "test", workload: workload, settings: settings, pressure: pressure,
                pressureSettings: pressureSettings),
            visit: 0, duration: duration, guardTime: guardTime, seed: 1,
            countsInstructions: countsInstructions))
}
