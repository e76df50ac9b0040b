// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Testing

@testable import Workloads

/// What a fault workload refuses; what it finds is a debug kernel's affair (`make lab-test`).
@Suite struct FaultTests {
    private func workload(_ told: [String: SettingValue]) throws(PlumblineError) -> FaultWorkload {
        try FaultWorkload(
            SettingValues(told, declared: FaultWorkload.settings, owner: FaultWorkload.name))
    }

    @Test(
        .enabled(
            if: !SystemFile.exists("/proc/self/fail-nth"), "this kernel can fail allocations"))
    func anOrdinaryKernelIsToldWhichOneCan() throws {
        let fault = try workload([:])
        let error = #expect(throws: PlumblineError.self) {
            try fault.prepare(in: WorkloadEnvironment(seed: 1))
        }
        #expect(error?.message.contains("CONFIG_FAULT_INJECTION") == true)
        #expect(error?.remedy.contains("+debug") == true)
    }

    @Test func whatCannotBeIsRefused() throws {
        #expect(throws: PlumblineError.self) { try workload(["path": "dio", "size": 1000]) }
        #expect(throws: PlumblineError.self) { try workload(["size": .integer(2 << 20)]) }
    }

    @Test func cellsAreNamedByPathAndSize() throws {
        #expect(try workload([:]).cellName == "pipe/32KiB")
        let file = try workload(["path": "dio", "size": "64k", "enomem": true])
        #expect(file.cellName == "dio/64KiB/enomem=1")
        #expect(file.storage?.size == 1 << 20)
        #expect(file.rateTracks == ["read"])
    }
}
