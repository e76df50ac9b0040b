// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Testing

@testable import Verdicts

@Suite("A pair of guests beside a toggle in a guest") struct MixedGuestsTests {
    private func guest(_ image: String, cpus: Int = 2) -> GuestRecord {
        GuestRecord(
            image: image, accelerator: "tcg", metric: .time, machine: "microvm", cpus: cpus,
            memory: 1 << 30, nodes: 1, pins: [], commandLine: "")
    }

    /// The fields in which a comparison of two guests and a toggle in one differ.
    private func fields(toggleCPUs: Int, hostCPUs: Int = 8) throws -> Set<String> {
        var pair = JournalBuilder(rule: .fixed).journal.header
        pair.host.cpus = hostCPUs
        pair.host.memory = 64 << 30
        pair.host.cpuModel = "host"
        var toggle = pair
        toggle.plan.comparison?.arms.a.guest = nil
        pair.plan.comparison?.arms.a.guest = guest("a")
        pair.plan.comparison?.arms.b.guest = guest("b")
        toggle.plan.guest = guest("b", cpus: toggleCPUs)
        toggle.host.cpus = toggleCPUs
        toggle.host.memory = 1 << 30
        toggle.host.cpuModel = "QEMU"
        return Set(JournalMismatch.all(pair, toggle).map(\.field))
    }

    @Test("guests are held against guests, not against the machine below them")
    func alike() throws {
        #expect(try fields(toggleCPUs: 2) == [])
        #expect(try fields(toggleCPUs: 1) == ["guest's CPU count"])
    }
}
