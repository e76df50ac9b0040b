// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Experiment
import Journal
import LabSupport
import Linux
import Testing

@testable import Kernels

@Suite(
    .serialized,
    .enabled(
        if: GuestKernel.isThere,
        "needs QEMU, `make build`, and a kernel by `plumbline kernel build`"))
struct GuestBootTests {
    @Test func aGuestMeasuresAPipeByASteadyClock() async throws {
        let result = try await GuestKernel.run()
        #expect(result.messages == "")
        let journal = try #require(result.journal)
        #expect(journal.header.host.clockSource == "tsc")
        #expect(journal.header.host.capabilities.contains("memcg"))
        #expect(journal.header.plan.guest?.machine == "microvm")
        #expect(journal.slices.count == 2)
        #expect(journal.slices.allSatisfy { $0.isValid && $0.operations > 0 })
    }

    @Test func theLensOfInstructionsRepeats() async throws {
        let result = try await GuestKernel.run {
            $0.metric = .instructions
            $0.cpus = 1
        }
        #expect(result.messages == "")
        #expect(result.journal?.slices.count == 2)
        #expect(result.journal?.header.plan.guest?.metric == .instructions)
    }

    @Test func directReadsOnEachStorage() async throws {
        try await directReads(
            on: ["brd:ext4", "null_blk", "null_blk:ext4", "virtio"], image: GuestKernel.image)
    }

    @Test(.enabled(if: GuestKernel.full != nil, "needs `plumbline kernel build 6.12+full`"))
    func directReadsOnXFS() async throws {
        try await directReads(on: ["virtio:xfs"], image: GuestKernel.full)
    }

    /// Reads on each storage, all in one boot.
    private func directReads(on storages: [String], image: String?) async throws {
        var suite = GuestKernel.suite
        suite.slices = 1
        suite.cells = storages.map { storage in
            CellPlan(
                name: storage, workload: "dio",
                settings: [
                    "storage": .text(storage), "size": "16m", "ioengine": "io_uring", "iodepth": 8,
                ], pressure: "none", pressureSettings: [:])
        }
        let result = try await GuestKernel.run(suite) {
            $0.drives = [512 << 20]
            $0.image = image ?? ""
        }
        #expect(result.messages == "")
        let slices = try #require(result.journal).slices
        #expect(slices.map(\.cell).sorted() == storages.sorted())
        #expect(slices.allSatisfy { $0.isValid })
    }

    @Test func aKernelThatPanicsAtBootIsShownWithItsReason() async throws {
        let result = try await GuestKernel.run { $0.kernelArguments = ["rdinit=/none"] }
        let error = try #require(result.thrown)
        #expect(error.message.contains("Kernel panic"))
        #expect(error.message.contains("does not boot"))
    }

    @Test(arguments: [
        ("panic", "panicked"), ("warning", "reported a kernel warning"),
        ("oom", "ran out of memory"),
        ("clock", "lost its clock source"),
    ])
    // Results may overtake the console: what they are worth is then said at the guest's end.
    func aFaultInTheMiddleIsFound(fault: String, words: String) async throws {
        let result = try await GuestKernel.run {
            $0.kernelArguments = ["plumbline.fault=\(fault)"]
        }
        #expect(result.messages.contains(words), "\(result.messages)")
        #expect(result.messages.contains("    | "))
    }

    @Test func aGuestThatHangsInTheMiddleIsKilled() async throws {
        let result = try await GuestKernel.run(silence: .seconds(3)) {
            $0.kernelArguments = ["plumbline.fault=hang"]
        }
        #expect(result.messages.contains("gave no sign of life for 3 s"))
    }

    @Test func aFileThatOnlyLooksLikeAKernelDoesNotBoot() async throws {
        try await Scratch.with { directory in
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            bytes.replaceSubrange(0x202..<0x206, with: Array("HdrS".utf8))
            try Descriptor.open("\(directory)/bzImage", [.write, .create]).writeAll(bytes)
            let result = try await GuestKernel.run { $0.image = "\(directory)/bzImage" }
            #expect(result.thrown != nil)
        }
    }

    @Test(.enabled(if: GuestKernel.full != nil, "needs `plumbline kernel build 6.12+full`"))
    func twoNodesAreSeenByTheGuest() async throws {
        let result = try await GuestKernel.run {
            $0.nodes = 2
            $0.image = GuestKernel.full ?? ""
        }
        #expect(result.messages == "")
        #expect(result.journal?.header.host.capabilities.contains("numa") == true)
    }
}
