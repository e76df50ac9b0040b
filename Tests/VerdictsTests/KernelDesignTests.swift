// SPDX-License-Identifier: GPL-3.0-or-later

import Cells
import Protocol
import Testing

@testable import Verdicts

@Suite("Designs of kernels by what their probes count") struct KernelDesignTests {
    private typealias Names = ProbeCountNames

    private func records(_ counts: [(String, Double?)]) -> [ProbeRecord] {
        [
            ProbeRecord(
                probe: "x", result: .pass,
                counts: counts.compactMap { name, value in
                    value.map { ProbeCount(name, $0, unit: "") }
                })
        ]
    }

    /// As counted on Linux 7.2 and 6.12.
    @Test(
        "pipes",
        arguments: [
            (14.0, 14.0, 0.0, KernelDesign.Pipe.locked), (15, 15, 0, .locked),
            (14, 6, 8, .preallocation), (14, 8, 0.5, .pool), (14, 0, 0, .fit), (15, 0, 0, .fit),
        ])
    func pipes(all: Double, locked: Double, failed: Double, design: KernelDesign.Pipe) {
        let found = records([
            (Names.allocated(pages: 16), all), (Names.locked(pages: 16), locked),
            (Names.failed(with: "EAGAIN"), failed),
        ])
        #expect(KernelDesign.pipe(found) == design)
    }

    @Test("a kernel that does not show its lock has a known design only where a failure tells")
    func unknown() {
        let base = [(Names.allocated(pages: 16), 14.0 as Double?)]
        #expect(KernelDesign.pipe(records(base)) == nil)
        #expect(KernelDesign.pipe(records(base + [(Names.failed(with: "EAGAIN"), 0)])) == nil)
        #expect(
            KernelDesign.pipe(records(base + [(Names.failed(with: "EAGAIN"), 8)]))
                == .preallocation)
    }

    @Test(
        "direct I/O",
        arguments: [
            ([1.0, 1, 1], nil, nil, 0.0, KernelDesign.Direct.kmalloc),
            ([1, 1, 1], 1, nil, 0, .slab), ([1, 1, 1], 1, 60, 0, .slab),
            ([1, 1, 1], 1, 256, 0, .sheaf), ([0, 1, 0], nil, nil, 200, .list),
            ([0, 0.02, 0], nil, nil, 128, .pool), ([0, 0, 0], nil, nil, 0, Optional(.none)),
            ([0.5, 1, 1], nil, nil, 0, nil),
        ] as [([Double], Double?, Double?, Double, KernelDesign.Direct?)])
    func direct(
        structures: [Double], cache: Double?, sheaf: Double?, kept: Double,
        design: KernelDesign.Direct?
    ) {
        let counts =
            zip(Names.places, structures).flatMap { place, count in
                [
                    (Names.structures(completing: place), count as Double?),
                    (Names.fromCache(completing: place), cache),
                    (Names.kept(completing: place), kept),
                ]
            } + [(Names.sheaf, sheaf)]
        #expect(KernelDesign.direct(records(counts)) == design)
    }
}
