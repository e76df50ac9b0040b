// SPDX-License-Identifier: GPL-3.0-or-later

import Agent
import Basics
import Glibc
import Linux
import Machine
import SystemPackage

/// Watches over the agents on a machine that ssh reaches, for as long as its controller does.
///
///     plumbline-agent --hold WORD
///
/// It prints WORD and `ready`. A line `t` on its input asks the agents to end, as SIGTERM does. At
/// the end of its input, or when nothing comes for two minutes, the controller or the network is
/// gone: it ends the agents and undoes what dead ones left. The shell that started it then removes
/// the agent's directory.
struct Holder {
    /// The first argument.
    static let option = "--hold"
    /// How long the controller may be silent, milliseconds: it writes every 20 s.
    private static let silenceLimit: Int32 = 120_000
    /// How long agents may take to undo their changes, seconds.
    private static let endLimit = 25

    /// Watches to the end.
    static func main(_ arguments: [String]) -> Never {
        try? Interrupts.catch()
        let ready = Array("\(arguments.first ?? "") ready\n".utf8)
        if (try? RawStream.writeAll(ready, to: 1)) != nil {
            while let bytes = next() {
                if bytes.contains(UInt8(ascii: "t")) { OtherAgents.own.terminate() }
            }
        }
        try? Interrupts.ignore()
        OtherAgents.own.end(within: endLimit)
        _ = UndoLog.restoreAbandoned()
        exit(0)
    }

    /// What the controller wrote; nil when it is gone.
    private static func next() -> [UInt8]? {
        guard RawCall.poll(0, .input, milliseconds: silenceLimit) > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let got = buffer.withUnsafeMutableBytes { try? RawStream.read(into: $0, from: 0) }
        guard let got, got > 0 else { return nil }
        return Array(buffer[..<got])
    }
}

/// Ends agents that lost their controller, and undoes what dead ones left.
///
///     plumbline-agent --restore [FILE ...]
///
/// A FILE is that of an agent whose connection is lost: the machine may not know of the loss yet.
/// What watches over it ends too, and the file and its directory are removed.
struct Restorer {
    /// The first argument.
    static let option = "--restore"
    /// How long an agent that hangs may take to end, seconds.
    private static let endLimit = 5

    /// Prints a line for each change that is undone.
    static func main(_ files: [String]) -> Never {
        let lost = files.map { OtherAgents(running: $0) }
        for agents in [OtherAgents.own] + lost { agents.end(within: endLimit) }
        for (file, agents) in zip(files, lost) {
            agents.endWatchers()
            try? SystemFile.unlink(file)
            try? SystemFile.removeDirectory(String(file.prefix(upTo: file.lastIndex(of: "/")!)))
        }
        for change in UndoLog.restoreAbandoned() {
            try? RawStream.writeAll(Array("restored: \(change)\n".utf8), to: 1)
        }
        exit(0)
    }
}
