// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Testing

@testable import Experiment

@Test("every id of an experiment has the same length, whatever its random number is")
func idsOfOneLength() {
    let suite = SuiteRecord(
        name: "a", summary: "", slice: 1, guardTime: 0, warmup: 0, slices: 1, pressureThreshold: 1,
        cells: [])
    let hello = Hello(
        toolVersion: "", kernelRelease: "", kernelVersion: "", machine: "", buildID: nil, cpus: 1,
        cpuModel: nil, memory: 1, pageSize: 4096, cgroupVersion: 2, clockSource: "", timer: "",
        timerCost: 0, timingCost: 0, capabilities: [])
    let plan = Plan(.run, suite, seed: 1)
    // One number in 16 begins with 0.
    let lengths = Set((0..<500).map { _ in JournalHeader(plan, on: hello).id.utf8.count })
    #expect(lengths == ["20261121T000000Z-01234567".utf8.count])
}
