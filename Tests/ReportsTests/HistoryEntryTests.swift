// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Testing

@testable import Verdicts

@Suite("What a history keeps of a journal") struct HistoryEntryTests {
    private func toggle(
        accelerator: String = "tcg", host: GuestRecord.Host?, words: String = "", zeroing: Int? = 1
    ) throws -> HistoryEntry {
        var builder = JournalBuilder(rule: .fixed)
        builder.journal.header.host.initOnAlloc = zeroing
        builder.journal.header.plan.guest = GuestRecord(
            image: "bzImage", accelerator: accelerator, metric: .time, machine: "microvm", cpus: 2,
            memory: 2128 << 20, nodes: 1, pins: [],
            commandLine: "console=ttyS0 tsc=reliable tsc_early_khz=9 brd.rd_nr=5 \(words)",
            host: host)
        builder.add(24)
        builder.journal.add(.roundVoid(.init(round: 9, arm: .b, error: .failure("it panicked"))))
        return try HistoryEntry(builder.ended())
    }

    @Test(
        "the machine of a toggle in a guest is its host; of an older journal it is the guest's CPU")
    func machines() throws {
        let host = GuestRecord.Host(cpuModel: "Big CPU", cpus: 64, memory: 250 << 30)
        let guest = "; guest: microvm, tcg, 2 CPUs, 2128MiB"
        #expect(
            try toggle(host: host).experiment.machine
                == "Big CPU, x86_64, 64 CPUs, 250 GiB" + guest)
        #expect(
            try toggle(host: nil).experiment.machine == "Example CPU 2.4 GHz, x86_64" + guest)
    }

    @Test(
        "settings are init_on_alloc as the kernel says it, and the words that not every guest has")
    func settings() throws {
        let entry = try toggle(host: nil, words: "init_on_alloc=0 nosmt mitigations=off")
        #expect(
            entry.arms.map(\.settings)
                == Array(repeating: "init_on_alloc=1 nosmt mitigations=off", count: 2))
        #expect(try toggle(host: nil, zeroing: nil).arms[0].settings == "")
    }

    @Test("a machine that was lost is an arm's void round")
    func voidRounds() throws {
        #expect(try toggle(host: nil).arms.map(\.voidRounds) == [0, 1])
    }
}
