// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol
import Testing

@testable import Agent

@Suite("The agent's protocol", .serialized) struct AgentSessionTests {
    private func greeted() throws -> AgentProcess {
        let agent = try AgentProcess()
        guard case .hello = try agent.next() else {
            Issue.record("the first message is no hello")
            return agent
        }
        return agent
    }

    @Test("asked to be verbose, it tells of each change and of its undoing before it says bye")
    func verbose() throws {
        let agent = try greeted()
        try agent.send(.verbose)
        try agent.send(
            .prepare(
                PrepareOrder(
                    order: 1, visit: 1,
                    cell: CellPlan(
                        name: "x", workload: "dio", settings: ["size": 1_048_576], pressure: "none",
                        pressureSettings: [:]), seed: 1)))
        guard case .log(let made)? = try agent.next() else { throw Unexpected() }
        #expect(made.hasPrefix("make the directory /"))
        #expect(try agent.answer() == .prepared(order: 1))
        try agent.send(.bye)
        guard case .log(let undone)? = try agent.next() else { throw Unexpected() }
        #expect(undone == made.replacing("make the", with: "remove") + ": done")
        #expect(try agent.next() == .bye)
    }

    private struct Unexpected: Error {}

    @Test("the first line is a hello with the kernel's release, and bye ends with bye and 0")
    func helloAndBye() throws {
        let agent = try AgentProcess()
        guard case .hello(let hello)? = try agent.next() else {
            Issue.record("no hello")
            return
        }
        #expect(hello.protocolVersion == Hello.protocolVersion)
        #expect(try hello.kernelRelease == KernelIdentity.current().release)
        #expect(hello.timingCost > 0)
        try agent.send(.bye)
        #expect(try agent.next() == .bye)
        #expect(try agent.end() == .exited(0))
    }

    @Test("an order is answered with a slice under its number")
    func runs() throws {
        let agent = try greeted()
        let slice = try agent.slice(7) { order(7, "pipe", ["verify": true], duration: $0) }
        #expect(slice.operations > 0)
        #expect(slice.bytes == slice.operations * 65536)
        #expect(slice.validity.isValid)
        #expect(slice.verification?.corruptions == 0)
        #expect(slice.tracks.keys.sorted() == ["read", "write"])
        #expect(slice.evidence.heapGrowth == 0)
    }

    @Test("a line split anywhere is one line")
    func partialLines() throws {
        let agent = try greeted()
        let message = ControllerMessage.prepare(order(1).preparation)
        let line = String(decoding: try LineCodec.encode(message), as: UTF8.self)
        for piece in [line.prefix(1), line.dropFirst().prefix(40), line.dropFirst(41)] {
            try agent.send(String(piece))
            try Clock.sleep(nanoseconds: 5_000_000)
        }
        guard case .prepared(1)? = try agent.answer() else {
            Issue.record("it is not prepared")
            return
        }
    }

    @Test(
        "garbage is answered with an error and the next order runs",
        arguments: [
            "", "garbage", "{}", "[1,2]", "null", #"{"kind":"dance"}"#, #"{"kind":"run"}"#,
            #"{"kind":"run","order":"x"}"#, "\u{0}\u{1}\u{FFFD}",
        ])
    func garbage(line: String) throws {
        let agent = try greeted()
        try agent.send(line + "\n")
        guard case .failed(nil, let error)? = try agent.answer() else {
            Issue.record("no error")
            return
        }
        #expect(!error.message.isEmpty)
        try agent.send(order(2))
        guard case .result(2, _)? = try agent.answer() else {
            Issue.record("no result after garbage")
            return
        }
    }

    @Test("a line longer than the limit is refused by its length and the next order runs")
    func hugeLine() throws {
        let agent = try greeted()
        let piece = String(repeating: "x", count: 1 << 20)
        for _ in 0..<17 { try agent.send(piece) }
        try agent.send("\n")
        guard case .failed(nil, let error)? = try agent.answer() else {
            Issue.record("no error")
            return
        }
        #expect(error.message.contains("\(17 << 20) bytes"))
        try agent.send(order(3))
        guard case .result(3, _)? = try agent.answer() else {
            Issue.record("no result after a huge line")
            return
        }
    }

    @Test("unknown fields are ignored")
    func unknownFields() throws {
        let agent = try greeted()
        let message = ControllerMessage.prepare(order(4).preparation)
        let line = String(decoding: try LineCodec.encode(message), as: UTF8.self)
        try agent.send(line.replacing("\"order\":4", with: "\"order\":4,\"colour\":{\"a\":[1]}"))
        guard case .prepared(4)? = try agent.answer() else {
            Issue.record("it is not prepared")
            return
        }
    }

    @Test(
        "an order that cannot be is refused under its number with a usage error",
        arguments: [
            ("pype", [:]), ("pipe", ["msgsize": 0]), ("pipe", ["msgsize": 2_147_483_648]),
            ("pipe", ["colour": "red"]),
        ] as [(String, [String: SettingValue])])
    func badOrders(workload: String, settings: [String: SettingValue]) throws {
        let agent = try greeted()
        try agent.send(order(5, workload, settings))
        guard case .failed(5, let error)? = try agent.answer() else {
            Issue.record("no error")
            return
        }
        #expect(error.kind == .usage)
        let saysWhatIsAllowed = ["known: ", "allowed: "].contains { error.message.contains($0) }
        #expect(saysWhatIsAllowed || !error.remedy.isEmpty)
    }

    @Test(
        "times that cannot be are refused and the next order runs",
        arguments: [(0, 0), (-5, 0), (1000, -1), (Int.max, 0), (1000, Int.max)])
    func badTimes(duration: Int, guardTime: Int) throws {
        let agent = try greeted()
        try agent.send(order(5, duration: duration, guardTime: guardTime))
        guard case .failed(5, let error)? = try agent.answer() else {
            Issue.record("no error")
            return
        }
        #expect(error.kind == .usage && !error.remedy.isEmpty)
        try agent.send(order(6))
        guard case .result(6, _)? = try agent.answer() else {
            Issue.record("no result")
            return
        }
    }

    @Test("a slice longer than a second sends heartbeats")
    func heartbeats() throws {
        let agent = try greeted()
        try agent.send(order(6, "pipe", [:], duration: 600_000_000_000))
        try agent.awaitHeartbeats(of: 6, count: 3)
    }

    @Test("perf counters are there when asked for and the machine has them, and else absent")
    func counters() throws {
        func perf(_ options: String) throws -> [String: Int64]? {
            var slice: SliceRecord?
            for length in ["50ms", "500ms", "5s", "50s"] where slice?.operations ?? 0 == 0 {
                let printed = try Command.run([
                    "sh", "-c", "'\(AgentProcess.path)' --cell pipe --slice \(length) \(options)",
                ])
                slice = try LineCodec.decode(SliceRecord.self, from: printed.output.utf8)
            }
            return slice?.evidence.perf
        }
        #expect(try perf("") == nil)
        let hasCounters = (try? Counter(.contextSwitches)) != nil
        #expect(try (perf("--counters")?["context_switches"] ?? 0 > 0) == hasCounters)
    }

    @Test(
        "an order may ask for the kernel's instructions, and gets them",
        .enabled(if: (try? Counter.tryInstructions()) ?? 0 > 0, "no PMU counts here"),
        arguments: ["thread", "process"])
    func instructions(workers: String) throws {
        let agent = try greeted()
        var counted: [UInt64] = []
        for (number, size) in [4096, 262_144].enumerated() {
            let settings: [String: SettingValue] = [
                "workers": .text(workers), "msgsize": .integer(size), "writers": 2,
            ]
            let slice = try agent.slice(number) {
                order(number, "pipe", settings, duration: $0, countsInstructions: true)
            }
            // Somebody else who counts at the same time makes it void, and says so.
            #expect(slice.validity.reasons.keys.allSatisfy { $0 == "uncounted" })
            counted.append(try #require(slice.evidence.kernelInstructions) / slice.operations)
        }
        #expect(counted[0] > 100)
        #expect(counted[1] > 2 * counted[0])
    }

    @Test("a slice whose instructions were not all counted is void, and says why")
    func uncounted() {
        func why(_ count: Count?) -> String? { Validity.uncounted(count, operations: 10) }
        #expect(why(Count(value: 30_000, wanted: 1000, counted: 1000)) == nil)
        #expect(why(nil)?.contains("some worker") == true)
        // Seen in a virtual machine while perf held five counters: 2.1 an operation.
        #expect(why(Count(value: 21, wanted: 9, counted: 9))?.contains("fewer than") == true)
        let shared = Count(value: 30_000, wanted: 1000, counted: 610)
        #expect(why(shared)?.contains("61.0% of the time") == true)
    }

    @Test("the end of input ends the agent")
    func endOfInput() throws {
        let result = try Command.run(["sh", "-c", "'\(AgentProcess.path)' </dev/null"])
        #expect(result.succeeded)
        #expect(result.output.hasSuffix("{\"kind\":\"bye\"}\n"))
    }

    @Test("no allocation shows in any worker's heap over a slice, in threads and in processes")
    func heap() throws {
        let agent = try greeted()
        for (number, kind) in ["thread", "process"].enumerated() {
            let slice = try agent.slice(number) {
                order(number, "pipe", ["workers": .text(kind), "writers": 2], duration: $0)
            }
            // In threads the heap is everybody's, and the controller's own few records may be alive
            // just then. The smallest piece that malloc gives takes 32 bytes.
            let lost = 32 * Int64(slice.operations)
            #expect(try #require(slice.evidence.heapGrowth) < 65536 + lost / 2)
        }
    }

    @Test("two cells are resident at a time, also where the second one has larger buffers")
    func twoVisits() throws {
        let agent = try greeted()
        for (visit, size) in [4096, 1 << 20].enumerated() {
            var preparation = order(1, "pipe", ["msgsize": .integer(size)]).preparation
            preparation.visit = visit
            preparation.residents = 2
            preparation.bufferBytes = 4 << 20
            try agent.send(.prepare(preparation))
            guard case .prepared(1)? = try agent.answer() else {
                Issue.record("visit \(visit) is not prepared")
                return
            }
        }
        for visit in [0, 1, 0] {
            var slice = order(2, duration: 100_000_000).slice
            slice.visit = visit
            try agent.send(.run(slice))
            guard case .result(2, _)? = try agent.answer() else {
                Issue.record("visit \(visit) does not run")
                return
            }
        }
        for visit in [0, 1] {
            try agent.send(.release(.init(order: 3, visit: visit)))
            guard case .released(3, let record?)? = try agent.answer() else {
                Issue.record("visit \(visit) has no record")
                return
            }
            #expect(record.cell == "test" && record.setUpTime > 0)
            #expect(!record.evidence.vmstat.isEmpty)
        }
    }
}
