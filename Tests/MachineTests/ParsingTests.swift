// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Testing

@testable import Machine

@Suite struct ParsingTests {
    @Test func pairsAreReadAndOtherLinesLeftOut() {
        let text = "a 1\nb -2\nno_number x\n\nlimit 99999999999999999999\nodd 3 4\nlast 5"
        #expect(
            CounterText.pairs(Array(text.utf8))
                == ["a": 1, "b": -2, "limit": .max, "odd": 3, "last": 5])
        #expect(CounterText.pairs(Array(text.utf8)) { $0 == "a" } == ["a": 1])
        #expect(CounterText.pairs([]).isEmpty)
    }

    @Test func stallsWithoutAFullLineHaveNone() {
        let some = "some avg10=0.00 avg60=0.00 avg300=0.00 total=12\n"
        #expect(CounterText.stalls(some) == ["some": 12])
        let full = some + "full avg10=0.00 avg60=0.00 avg300=0.00 total=3\n"
        #expect(CounterText.stalls(full) == ["some": 12, "full": 3])
        #expect(CounterText.stalls("") == nil)
    }

    @Test func mountsWithOptionalFieldsAndTornLinesAreTold() throws {
        let line =
            "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=x"
        let mount = try #require(MountPoint(line: line))
        #expect(mount.device == "98:0" && mount.root == "/mnt1" && mount.path == "/mnt2")
        #expect(mount.type == "ext3" && mount.source == "/dev/root")
        #expect(mount.options == ["rw", "errors=x"])
        #expect(MountPoint(line: "36 35 98:0 /mnt1 /mnt2 rw - ext3") == nil)
    }

    @Test func theReserveIsATwentiethAndAtLeast256MiB() throws {
        let small = MemoryBudget(total: 1 << 30, available: 1 << 29)
        #expect(small.reserve == 256 << 20 && small.spendable == 256 << 20)
        #expect(MemoryBudget(total: 100 << 30, available: 1).reserve == 5 << 30)
        let error = failure { () throws(PlumblineError) in
            try small.check((256 << 20) + 1, for: "x", remedy: "lower y")
        }
        #expect(error?.kind == .usage && error?.remedy == "lower y")
        #expect(error?.message.contains("512MiB are available") == true)
        #expect(try MemoryBudget.read().available <= MemoryBudget.read().total)
    }
}
