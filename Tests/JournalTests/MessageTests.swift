// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Testing

@testable import Protocol

struct MessageTests {
    @Test(arguments: [
        AgentMessage.hello(Samples.hello), .result(order: 7, slice: Samples.fullSlice),
        .prepared(order: 3), .turned(order: 3), .released(order: 3, visit: nil),
        .released(order: 4, visit: Samples.visit),
        .probed(
            order: 5,
            record: ProbeRecord(
                probe: "x", result: .fail, reason: "\"y\"",
                counts: [ProbeCount("z: kept", 1.5, unit: "pages")], duration: 7)),
        .failed(order: nil, error: .failure("no such file")),
        .failed(order: 3, error: .usage("bad", remedy: "good")),
        .unfit(order: 3, error: .failure("the clock source changed")), .log("two\nlines"),
        .heartbeat(order: 1), .bye,
    ])
    func everyAgentMessageComesBackFromItsOneLine(message: AgentMessage) throws {
        let line = try LineCodec.encode(message)
        #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        #expect(line.last == UInt8(ascii: "\n"))
        #expect(try LineCodec.decode(AgentMessage.self, from: line) == message)
    }

    @Test func everyControllerMessageComesBackFromItsOneLine() throws {
        let order = SliceOrder(
            order: 1, visit: 2, cell: "a", number: 0, duration: 5, guardTime: 6, seed: .max,
            pressureThreshold: 100)
        let preparation = PrepareOrder(order: 1, visit: 2, cell: Samples.cell, seed: .max)
        for message in [
            ControllerMessage.prepare(preparation), .run(order),
            .release(.init(order: 1, visit: 2)),
            .turn(
                .init(
                    order: 1,
                    knobs: [
                        .init(kind: .file, target: "/sys/x", value: "Y"),
                        .init(kind: .command, target: "sh", value: "echo a,b"),
                    ])),
            .probe(.init(order: 5, probe: "x", seed: .max)), .verbose, .bye,
        ] {
            let line = try LineCodec.encode(message)
            #expect(try LineCodec.decode(ControllerMessage.self, from: line) == message)
        }
    }

    @Test func messagesAreFlatWithKeysInOrderAndSlashesAsTheyAre() throws {
        let line = try LineCodec.encode(AgentMessage.log("a/b"))
        #expect(String(decoding: line, as: UTF8.self) == #"{"kind":"log","text":"a/b"}"# + "\n")
    }

    @Test func unknownFieldsAreIgnored() throws {
        let line = #"{"kind":"heartbeat","later":{"x":[1]},"order":4}"#
        #expect(
            try LineCodec.decode(AgentMessage.self, from: line.utf8) == .heartbeat(order: 4))
    }

    @Test func anUnknownKindIsNamedWithTheKnownOnes() {
        let error = #expect(throws: PlumblineError.self) {
            try LineCodec.decode(AgentMessage.self, from: #"{"kind":"dance"}"#.utf8)
        }
        #expect(error?.message == "unknown kind of agent message 'dance'")
        #expect(
            error?.remedy.contains(
                "hello, prepared, turned, result, released, probed, failed, unfit, log, heartbeat, "
                    + "bye")
                == true)
    }

    @Test(arguments: [
        ("", "not JSON"), ("{", "not JSON"), ("[1]", "not a"), (#"{"order":1}"#, "no 'kind'"),
        (#"{"kind":"heartbeat"}"#, "no 'order'"),
        (#"{"kind":"heartbeat","order":"x"}"#, "not a Int in order"),
        ("\u{0}\u{1}garbage", "not JSON"),
    ])
    func garbageIsRefusedWithWhatIsWrong(line: String, reason: String) {
        let error = #expect(throws: PlumblineError.self) {
            try LineCodec.decode(AgentMessage.self, from: line.utf8)
        }
        #expect(error?.message.hasPrefix(reason) == true, "\(error?.message ?? "")")
    }
}
