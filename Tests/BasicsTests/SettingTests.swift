// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Basics

@Suite("Settings") struct SettingTests {
    private enum Mode: String, SettingChoice { case fast, slow }
    private struct Keys: SettingGroup {
        let msgsize = SettingKey<Int>(
            "msgsize", .size(1...Int(Int32.max)), default: 65536, help: "bytes a write")
        let writers = SettingKey<Int>(
            "writers", .count(1...64), default: 1, help: "how many write")
        let more = More()
        let slice = SettingKey<Int?>("slice", .duration, help: "how long")
    }
    private struct More: SettingGroup {
        let verify = SettingKey<Bool>("verify", .flag, default: false, help: "check the data")
        let mode = SettingKey<Mode>("mode", default: .fast, help: "how")
        let cpus = SettingKey<String?>("cpus", .cpus, help: "where")
    }
    private let keys = Keys()

    private func values(_ given: [String: SettingValue]) throws -> SettingValues {
        try SettingValues(given, declared: keys.settings, owner: "pipe")
    }

    @Test("a group lists its settings and those of groups in it, in the order of declaration")
    func listsDeclarations() {
        #expect(
            keys.settings.map(\.name) == ["msgsize", "writers", "verify", "mode", "cpus", "slice"])
    }

    @Test("values are read by key, in the key's type; defaults fill in, and absent stays absent")
    func readsByKey() throws {
        let values = try values(["msgsize": "4k", "mode": "slow"])
        #expect(values[keys.msgsize] == 4096)
        #expect(values[keys.writers] == 1)
        #expect(values[keys.more.mode] == .slow)
        #expect(!values[keys.more.verify])
        #expect(values[keys.more.cpus] == nil)
        #expect(values.changed.map(\.setting.name) == ["msgsize", "mode"])
    }

    @Test("a name nobody declared is refused with the nearest one")
    func refusesUnknownNames() {
        let error = #expect(throws: PlumblineError.self) { try values(["msgsise": 1]) }
        #expect(
            error?.message
                == "unknown setting 'msgsise' for pipe (did you mean msgsize? known: cpus, mode, "
                + "msgsize, slice, verify, writers)")
        #expect(error?.exitCode == 64)
    }

    @Test(
        "a value that is not allowed is refused with those that are",
        arguments: [
            ("msgsize", "0", "1 to 2147483647"), ("msgsize", "2g", "1 to 2147483647"),
            ("msgsize", "4q", "1 to 2147483647"), ("writers", "65", "1 to 64"),
            ("writers", "two", "1 to 64"), ("mode", "quick", "fast, slow"),
            ("verify", "maybe", "0 or 1"), ("cpus", "3-1", "CPU numbers such as 0,2-5"),
            ("cpus", "0,,1", "CPU numbers such as 0,2-5"),
            ("slice", "5", "0 to 1h, with a unit such as 500ms or 2s"),
        ])
    func refusesValues(name: String, value: String, allowed: String) {
        let error = #expect(throws: PlumblineError.self) { try values([name: .text(value)]) }
        #expect(error?.message == "invalid value '\(value)' for pipe.\(name) (allowed: \(allowed))")
    }

    @Test("a value means the same as text from a user and as a number from a journal")
    func readsTextAndNumbers() throws {
        #expect(try values(["msgsize": "64k"]).values == values(["msgsize": 65536]).values)
        #expect(try values(["verify": "yes"]).values == values(["verify": true]).values)
        #expect(try values(["slice": "1us"]).values == values(["slice": 1000]).values)
    }

    @Test("a whole number means the same with and without a fraction, as JSON has it")
    func wholeNumbersAreEqual() {
        let whole: SettingValue = 80
        #expect(whole == .number(80) && Set([whole, .number(80)]).count == 1)
        #expect(whole != .number(80.5) && whole != .text("80") && whole != .flag(true))
    }

    @Test("a time is at most an hour")
    func longTimes() throws {
        #expect(try values(["slice": "1h"])[keys.slice] == Setting.longestTime)
        #expect(throws: PlumblineError.self) { try values(["slice": "61min"]) }
    }

    @Test("the nearest word is offered only when it is near")
    func spelling() {
        #expect(Spelling.nearest(to: "smok", among: ["smoke", "full"]) == "smoke")
        #expect(Spelling.nearest(to: "banana", among: ["smoke", "full"]) == nil)
        #expect(Spelling.nearest(to: "x", among: []) == nil)
        #expect(Spelling.nearest(to: "memgc", among: ["memcg", "none"]) == "memcg")
        #expect(Spelling.hint(for: "smok", among: ["smoke"]) == "did you mean smoke?")
        #expect(Spelling.distance("abcd", "badc") == 2)
        #expect(Spelling.distance("", "abc") == 3)
        #expect(Spelling.distance("abc", "") == 3)
    }
}
