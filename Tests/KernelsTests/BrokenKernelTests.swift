// SPDX-License-Identifier: GPL-3.0-or-later

import Cells
import Testing

@testable import Kernels

@Suite("Kernels that are wrong on purpose") struct BrokenKernelTests {
    @Test("each version has the same faults of pipes")
    func versions() {
        let faults = KernelVariant.versions.map { version in
            BrokenKernel.all.filter { $0.variant.version == version && $0.fault.hasPrefix("pipe-") }
                .map(\.fault)
        }
        #expect(faults[0].count == 6)
        #expect(faults.allSatisfy { $0 == faults[0] })
    }

    @Test("the faults of direct I/O are those that the probes have to find")
    func directIO() {
        let faults = BrokenKernel.all.map(\.fault).filter { $0.hasPrefix("dio-") }
        #expect(
            faults == [
                "dio-atomic-sleep", "dio-enomem", "dio-leak", "dio-offline-leak",
                "dio-pool-stays", "dio-short-read",
            ])
    }

    @Test("each probe is shown to fail; of a guest, the console is watched instead of its log")
    func probes() {
        let unproven = Set(ProbeCatalogue.all.map(\.name))
            .subtracting(BrokenKernelProbeTests.proven)
        #expect(unproven == ["kernel-log"])
    }

    @Test(
        "each is a patch of one file, under the kernel's license, on a variant with one change",
        arguments: BrokenKernel.all)
    func patch(kernel: BrokenKernel) {
        #expect(kernel.patch.files.count == 1)
        #expect(kernel.patch.text.contains("\nSPDX-License-Identifier: GPL-2.0-only\n"))
        #expect(kernel.variant.added.count == 1)
        #expect(kernel.request.name == "\(kernel.variant.name)+\(kernel.patch.name)")
    }

    @Test("none comes with Plumbline")
    func ownPatches() {
        let names = Set(KernelChange.all.map(\.name))
        #expect(names.isDisjoint(with: BrokenKernel.all.map(\.fault)))
    }
}
