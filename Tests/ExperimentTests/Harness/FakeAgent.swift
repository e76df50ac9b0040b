// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Linux
import Protocol

@testable import AgentClient

/// A shell script that speaks the agent's protocol, to reach failures that a real agent does not
/// have on demand.
struct FakeAgent {
    /// The script's path.
    let path: String

    static let hello = Hello(
        toolVersion: "0.1.0", kernelRelease: "6.1.0", kernelVersion: "#1", machine: "x86_64",
        buildID: "ab12", cpus: 2, cpuModel: nil, memory: 1 << 30, pageSize: 4096,
        cgroupVersion: 2, clockSource: "tsc", timer: "tsc", timerCost: 9, timingCost: 20,
        capabilities: [])

    /// Writes a script; `answer` is bash that may look at $name, $number, $slice (how many
    /// were ordered) and $plan, and that calls `result` for a slice that counts. `turn` is bash
    /// that may look at $line and $turn, and that calls `turned`.
    init(
        answer: String = "result", greeting: String? = nil, turn: String = "turned"
    ) throws {
        path = "/tmp/plumbline-fake-agent-\(UInt64.random(in: 0 ... .max))"
        let slice = SliceRecord(
            cell: "@name", number: 0, startedAt: 1, operations: 10, bytes: 655_360,
            interval: 500_000_000,
            tracks: ["write": TrackRecord(operations: 10, bytes: 655_360, interval: 500_000_000)],
            pressure: PressureRecord(kind: "none", proven: nil, threshold: nil, proof: [:]),
            evidence: EvidenceRecord(), validity: Validity())
        let message = try Self.text(AgentMessage.result(order: 0, slice: slice))
            .replacing(#""order":0"#, with: #""order":'"$order"'"#)
            .replacing("@name", with: #"'"$name"'"#)
            .replacing(#""number":0"#, with: #""number":'"$number"'"#)
        let own = try Self.text(AgentMessage.hello(Self.hello))
        let hello = greeting ?? "echo '\(own)'"
        let script = """
            #!/bin/bash
            result() { echo '\(message)'; }
            failed() { echo '{"kind":"failed","order":'"$order"',"error":{"kind":"'"$1"'",\
            "message":"no luck","remedy":"try"}}'; }
            turned() { echo '{"kind":"turned","order":'"$order"'}'; }
            \(hello)
            while IFS= read -r line; do
              case $line in *'"kind":"bye"'*) echo '{"kind":"bye"}'; exit 0;; esac
              [[ $line =~ \\"cell\\":\\"([^\\"]*)\\" ]] && name=${BASH_REMATCH[1]}
              [[ $line =~ \\"order\\":([0-9]+) ]] && order=${BASH_REMATCH[1]}
              [[ $line =~ \\"number\\":([0-9]+) ]] && number=${BASH_REMATCH[1]}
              [[ $line =~ \\"visit\\":([0-9]+) ]] && visit=${BASH_REMATCH[1]}
              case $line in
              *'"kind":"prepare"'*)
                plans[visit]=$line; echo '{"kind":"prepared","order":'"$order"'}';;
              *'"kind":"release"'*) echo '{"kind":"released","order":'"$order"'}';;
              *'"kind":"turn"'*) (( ++turn )); \(turn);;
              *) (( ++slice )); plan=${plans[visit]}; \(answer);;
              esac
            done
            """
        let file = try Descriptor.open(path, [.write, .create, .exclusive], mode: 0o755)
        try file.writeAll(script)
    }

    /// Bash that greets from a machine.
    static func greeting(of hello: Hello) throws -> String {
        "echo '\(try text(AgentMessage.hello(hello)))'"
    }

    /// How to start it, with timeouts of minutes where a test does not say otherwise.
    var configuration: AgentConfiguration {
        var configuration = AgentConfiguration(executable: path)
        configuration.tick = .milliseconds(20)
        configuration.silenceLimit = .seconds(300)
        configuration.shutdownTimeout = .seconds(300)
        return configuration
    }

    /// Removes the script.
    func remove() { try? SystemFile.unlink(path) }

    private static func text(_ message: AgentMessage) throws -> String {
        String(decoding: try LineCodec.encode(message).dropLast(), as: UTF8.self)
    }
}
