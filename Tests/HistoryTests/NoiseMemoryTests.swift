// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Reports
@testable import Verdicts

@Suite("The noise memory says what a machine was able to see") struct NoiseMemoryTests {
    @Test("best, median, worst and last, by machine and cell, whatever was compared")
    func figures() throws {
        var entries = (0..<5).map {
            SampleEntries.entry($0, effect: 0, suite: "suite \($0)", b: "kernel \($0)")
        }
        for (place, value) in [0.9, 0.3, nil, 2.5, 1.1].enumerated() {
            entries[place].cells[0].detectable = value
        }
        entries.append(SampleEntries.entry(7, effect: 0, machine: "other"))
        let memories = NoiseMemory.all(entries.points)
        #expect(memories.count == 2)
        let memory = memories[0]
        #expect(memory.count == 4)
        #expect([memory.best, memory.median, memory.worst, memory.last] == [0.3, 1, 2.5, 1.1])
        let text = TextRenderer().render(NoiseReport(memories), style: .plain)
        #expect(
            text.contains("best MDE80") && text.contains("0.30%")
                && text.contains("Example CPU, x86_64, 2 CPUs, 24 GiB"))
    }

    @Test("without an MDE80 there is nothing")
    func nothing() {
        var entry = SampleEntries.entry(0, effect: 0)
        entry.cells[0].detectable = nil
        #expect(NoiseMemory.all([entry].points).isEmpty)
    }
}
