// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol

/// A shell script that answers every order with a slice that counts.
struct FakeAgentScript {
    let path: String

    init(answer: String = "result") throws {
        path = "/tmp/plumbline-fake-run-agent-\(UInt64.random(in: 0 ... .max))"
        let hello = AgentMessage.hello(
            Hello(
                toolVersion: "0.1.0", kernelRelease: "6.1.0", kernelVersion: "#1",
                machine: "x86_64", buildID: nil, cpus: 2, cpuModel: nil, memory: 1 << 30,
                pageSize: 4096, cgroupVersion: 0, clockSource: "tsc", timer: "tsc", timerCost: 9,
                timingCost: 20, capabilities: []))
        let slice = SliceRecord(
            cell: "@name", number: 0, startedAt: 1, operations: 10, bytes: 655_360,
            interval: 500_000_000,
            tracks: ["write": TrackRecord(operations: 10, bytes: 655_360, interval: 500_000_000)],
            pressure: PressureRecord(kind: "none", proven: nil, threshold: nil, proof: [:]),
            evidence: EvidenceRecord(), validity: Validity())
        let result = try Self.text(.result(order: 0, slice: slice))
            .replacing(#""order":0"#, with: #""order":'"$order"'"#)
            .replacing("@name", with: #"'"$name"'"#)
            .replacing(#""number":0"#, with: #""number":'"$number"'"#)
        let greeting = try Self.text(hello)
        let script = """
            #!/bin/bash
            result() { echo '\(result)'; }
            failed() { echo '{"kind":"failed","order":'"$order"',"error":{"kind":"'"$1"'",\
            "message":"no luck","remedy":""}}'; }
            echo '\(greeting)'
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
              *'"kind":"turn"'*) echo '{"kind":"turned","order":'"$order"'}';;
              *) (( ++slice )); plan=${plans[visit]}; \(answer);;
              esac
            done
            """
        try Descriptor.open(path, [.write, .create, .exclusive], mode: 0o755).writeAll(script)
    }

    func remove() { try? SystemFile.unlink(path) }

    private static func text(_ message: AgentMessage) throws -> String {
        String(decoding: try LineCodec.encode(message).dropLast(), as: UTF8.self)
    }
}
