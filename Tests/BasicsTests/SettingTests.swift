// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Basics

@Suite("Settings") struct SettingTests {
    private let declared = [
        Setting("msgsize", .size(1...Int(Int32.max)), default: 65536, "bytes a write"),
        Setting("writers", .count(1...64), default: 1, "how many write"),
        Setting("verify", .flag, default: false, "check the data"),
        Setting("mode", .choice(["fast", "slow"]), default: "fast", "how"),
        Setting("cpus", .cpus, default: nil, "where"),
        Setting("slice", .duration, default: nil, "how long"),
    ]

    private func values(_ told: [String: SettingValue]) throws -> SettingValues {
        try SettingValues(told, declared: declared, place: "pipe")
    }

    @Test("defaults fill in what is not told, and absent stays absent")
    func fillsDefaults() throws {
        let values = try values(["msgsize": "4k"])
        #expect(values.integer("msgsize") == 4096)
        #expect(values.integer("writers") == 1)
        #expect(values.optionalText("cpus") == nil)
        #expect(values.changed.map(\.setting.name) == ["msgsize"])
    }

    @Test("a name nobody declared is refused with the nearest one")
    func refusesUnknownNames() {
        let error = #expect(throws: PlumblineError.self) { try values(["msgsise": 1]) }
        #expect(error?.message == "pipe: unknown setting 'msgsise'")
        #expect(error?.remedy.hasPrefix("did you mean msgsize? known: cpus, mode,") == true)
        #expect(error?.exitCode == 64)
    }

    @Test(
        "a value out of what is allowed is refused, and the allowed values are told",
        arguments: [
            ("msgsize", "0", "a size from 1B"), ("msgsize", "2g", "a size from 1B to 2147483647B,"),
            ("msgsize", "4q", "such as 4096"), ("writers", "65", "from 1 to 64"),
            ("writers", "two", "a whole number"), ("mode", "quick", "fast, slow"),
            ("verify", "maybe", "0 or 1"), ("cpus", "3-1", "such as 0,2-5"),
            ("cpus", "0,,1", "such as 0,2-5"), ("slice", "5", "with its unit"),
        ])
    func refusesValues(name: String, value: String, allowed: String) {
        let error = #expect(throws: PlumblineError.self) { try values([name: .text(value)]) }
        #expect(error?.message == "pipe: \(name) cannot be '\(value)'")
        #expect(error?.remedy.contains(allowed) == true)
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
        #expect(try values(["slice": "1h"]).integer("slice") == Setting.longestTime)
        #expect(throws: PlumblineError.self) { try values(["slice": "61min"]) }
    }

    @Test("the nearest word is offered only when it is near")
    func spelling() {
        #expect(Spelling.nearest(to: "smok", among: ["smoke", "full"]) == "smoke")
        #expect(Spelling.nearest(to: "banana", among: ["smoke", "full"]) == nil)
        #expect(Spelling.nearest(to: "x", among: []) == nil)
    }
}
