// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Journal
import LabSupport
import Linux
import Protocol
import SchemaSupport
import Testing

@testable import Commands

/// The whole way, for `make lab-test`: kernels are built, booted in pairs and judged.
@Suite(
    .serialized,
    .enabled(
        if: ProcessInfo.processInfo.environment["PLUMBLINE_LAB"] == "1",
        "builds kernels, which takes minutes: run `make lab-test`"))
struct LabExperimentTests {
    private static let stock = "6.12"
    private static let patched = "6.12+pipe-prealloc+dio-cache"
    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// The agent that guests get: the static one of a release build.
    private static var agent: [String] {
        environment["PLUMBLINE_AGENT"].map { ["--agent", $0] } ?? []
    }

    private func report(
        _ arguments: [String], codes: Set<Int32>
    ) async throws -> JSONValue {
        let scratch = try ScratchDirectory()
        let result = await Invocation(
            ["ab", "demo"] + arguments + Self.agent
                + ["--output", "\(scratch.path)/j.jsonl", "--format", "json"],
            environment: Self.environment)
        #expect(codes.contains(result.code), "\(result.code): \(result.diagnostics)")
        return try LineCodec.decode(JSONValue.self, from: result.document.utf8)
    }

    @Test func theDirectIOCacheSavesInstructions() async throws {
        let report = try await report(
            [
                "--a", Self.stock, "--b", Self.patched, "--metric", "instructions", "--cells",
                "dio/*", "--slice", "0.1s", "--no-evidence",
            ],
            codes: [0])
        #expect(report.at("cells.0.verdict") == .text("improved"))
        #expect(try #require(report.at("cells.0.effect_percent")?.double) < 0)
    }

    @Test func aKernelDiffersFromItselfByNoInstructionsWorthNaming() async throws {
        let report = try await report(
            [
                "--a", Self.stock, "--b", Self.stock, "--metric", "instructions", "--cells",
                "dio/*", "--slice", "0.1s", "--no-evidence",
            ],
            codes: [0])
        // Boots differ in their addresses, by about a tenth of a percent.
        #expect(abs(try #require(report.at("cells.0.effect_percent")?.double)) <= 0.3)
    }

    @Test func aKernelAndItselfAreComparedSeveralTimesFromOneJournal() async throws {
        let report = try await report(
            [
                "--a", Self.stock, "--b", Self.stock, "--comparisons", "2", "--rounds", "5",
                "--blocks", "5", "--cells", "dio/*",
            ],
            codes: [0, 5])
        #expect(report["schema"] == .text("plumbline.placebos/1"))
        guard case .object(let counts)? = report.at("cells.0.outcomes") else {
            Issue.record("no outcomes: \(report)")
            return
        }
        #expect(counts.values.reduce(0) { $0 + ($1.double ?? 0) } == 2)
        #expect(report.at("pooled.units") == .integer(10))
    }

    @Test func fiveRoundsOfBootsEndWithAVerdictForEveryCell() async throws {
        let report = try await report(
            ["--a", Self.stock, "--b", Self.patched, "--rounds", "5", "--blocks", "5"],
            codes: [0, 3, 4])
        let cells = try #require(report["cells"]?.items)
        #expect(cells.count == 3)
        #expect(
            cells.allSatisfy { $0["verdict"] != .text("invalid") && $0["rounds"] == .integer(5) })
        #expect(report.at("experiment.arms.B.label") == .text(Self.patched))
    }

    @Test("traced in the guests, the patches do what they are for, and the verdicts stay")
    func theMechanism() async throws {
        let scratch = try ScratchDirectory()
        let journal = "\(scratch.path)/j.jsonl"
        let result = await Invocation(
            [
                "ab", "demo", "--a", Self.stock, "--b", Self.patched, "--rounds", "5", "--blocks",
                "5", "--output", journal,
            ] + Self.agent, environment: Self.environment)
        #expect([0, 3, 4].contains(result.code), "\(result.diagnostics)")
        let stored = try StoredJournal(readingFrom: journal)
        #expect(stored.mechanisms.count == 6, "\(result.diagnostics)")
        #expect(stored.voidRounds.isEmpty)
        #expect(stored.mechanisms.allSatisfy { $0.slices == 5 && $0.dropped == 0 })
        #expect(stored.mechanisms.allSatisfy { ($0.time ?? 0) > 0 })
        func mean(
            _ quantity: MechanismCount.Quantity, _ arm: Arm, _ cell: String,
            of function: String? = nil
        ) throws -> Double {
            let mechanism = stored.mechanisms.first { $0.arm == arm && $0.cell.hasPrefix(cell) }
            let count = mechanism?.counts.first {
                $0.quantity == quantity && $0.function == function
            }
            let values = try #require(count?.values)
            return values.reduce(0, +) / Double(values.count)
        }
        // 16 pages a write, of which a pipe keeps a few; 8 of them are taken before the mutex.
        let stock = try mean(.lockedPages, .a, "pipe/")
        let patched = try mean(.lockedPages, .b, "pipe/")
        #expect(stock > 10)
        #expect(patched < stock - 4)
        #expect(try mean(.pages, .b, "pipe/", of: "pipe_write") > 10)
        // A RAM disk completes in the task: one structure goes back and forth.
        #expect(abs(try mean(.structures, .a, "dio/") - 1) < 0.02)
        #expect(try mean(.structures, .b, "dio/") < 0.1)
        #expect(try mean(.taskCompletions, .b, "dio/") == 100)
        #expect(result.document.contains("direct I/O structures allocated: 1.00 -> "))
    }

    @Test func aSwitchIsFlippedInOneGuestWithoutAnOops() async throws {
        let scratch = try ScratchDirectory()
        let journal = "\(scratch.path)/j.jsonl"
        let result = await Invocation(
            [
                "toggle", "demo", "--cells", "pipe/*", "--kernel", Self.patched, "--switch",
                "pipe-prealloc", "--rounds", "5", "--blocks", "10", "--slice", "50ms", "--seed",
                "3", "--output", journal,
            ] + Self.agent, environment: Self.environment)
        #expect([0, 3, 4].contains(result.code), "\(result.diagnostics)\n\(result.document)")
        #expect(result.document.contains("one guest, one image, the switch flipped"))
        let stored = try StoredJournal(readingFrom: journal)
        #expect(stored.voidRounds.isEmpty, "\(stored.voidRounds)")
        #expect(Set(stored.rounds.map(\.first)) == [.a, .b])
        #expect(Set(stored.slices.map(\.arm)) == [.a, .b])
        #expect(stored.header.guest?.image.hasSuffix("bzImage") == true)
    }

    @Test("--verbose tells what the agent changes in the guest: knobs, cgroups, zram, mounts")
    func changesInTheGuestAreTold() async throws {
        let scratch = try ScratchDirectory()
        let suite = "\(scratch.path)/s.yaml"
        try Descriptor.open(suite, [.write, .create]).writeAll(
            "suite: s\ncells:\n  - {workload: pipe, pressure: memcg}\n"
                + "  - {workload: dio, storage: 'zram:ext4', size: 16m}\n")
        let result = await Invocation(
            [
                "toggle", suite, "--kernel", Self.patched, "--switch", "pipe-prealloc", "--rounds",
                "5", "--blocks", "5", "--slice", "20ms", "--verbose", "--output",
                "\(scratch.path)/j.jsonl",
            ] + Self.agent, environment: Self.environment)
        #expect([0, 3, 4, 5].contains(result.code), "\(result.diagnostics)")
        for change in [
            "write 'N' to /sys/module/pipe/parameters/prealloc\n", "make the cgroup /",
            "remove cgroup /", "make the zram device /dev/zram", "run mkfs.ext4 ",
            "mount a file system on /", "unmount /", "remove /dev/zram",
        ] {
            #expect(result.diagnostics.contains("plumbline: agent: \(change)"), "\(change)")
        }
    }

    // (the knob, the exit code, the words)
    @Test(arguments: [
        ("module:pipe.nonesuch=N,Y", Int32(64), "parameters/nonesuch does not exist"),
        ("sysctl:kernel.osrelease=a,b", 64, "cannot be written"),
        ("sysctl:vm.overcommit_memory=0,9", 1, "does not take '9'"),
        ("cmd:'no-such-program','echo'", 1, "programs of this machine: "),
    ])
    func aKnobThatTheGuestDoesNotTakeIsNamed(
        knob: String, code: Int32, words: String
    ) async throws {
        let scratch = try ScratchDirectory()
        let journal = "\(scratch.path)/j.jsonl"
        let result = await Invocation(
            [
                "toggle", "demo", "--cells", "pipe/*/none", "--kernel", Self.patched, "--knob",
                knob, "--output", journal,
            ] + Self.agent, environment: Self.environment)
        #expect(result.code == code, "\(result.diagnostics)")
        #expect(result.diagnostics.contains(words), "\(result.diagnostics)")
        #expect(!SystemFile.exists(journal))
    }

    @Test func aCommandSwitchesInTheGuest() async throws {
        let scratch = try ScratchDirectory()
        let file = "/proc/sys/vm/swappiness"
        let result = await Invocation(
            [
                "toggle", "demo", "--cells", "pipe/*/none", "--kernel", Self.patched, "--knob",
                "cmd:'echo 60 >\(file)','echo 10 >\(file)'", "--rounds", "5", "--blocks", "5",
                "--slice", "50ms", "--output", "\(scratch.path)/j.jsonl",
            ] + Self.agent, environment: Self.environment)
        #expect([0, 3, 4].contains(result.code), "\(result.diagnostics)\n\(result.document)")
    }

    /// `[` begins the first line of progress.
    @Test(arguments: ["booting", "plumbline: ["])
    func ctrlCLeavesNoGuest(phase: String) throws {
        let scratch = try ScratchDirectory()
        let (log, mark) = ("\(scratch.path)/log", "mark=\(scratch.path)")
        let output = try Descriptor.open(log, [.write, .create], mode: 0o600)
        let command = try Command.spawn(
            [
                BuiltProgram.path, "ab", "demo", "--a", Self.stock, "--b", Self.patched, "--cells",
                "dio/*", "--quick", "--output", "\(scratch.path)/j.jsonl", "--append", mark,
            ] + Self.agent, output: output)
        while try !SystemFile.read(log).contains(phase) {
            let isOver = try command.wait(noHang: true) != nil
            try #require(!isOver)
            try Clock.sleep(nanoseconds: 20_000_000)
        }
        try command.kill(ChildProcess.interruptSignal)
        #expect(try command.wait() == .exited(130))
        let lines = try SystemFile.list("/proc").filter { Int($0) != nil }
            .map { "/proc/\($0)/cmdline" }
        let left = lines.filter { (try? SystemFile.read($0).contains(mark)) == true }
        #expect(left.isEmpty)
    }

    @Test(arguments: [stock, patched])
    func everyByteIsProvedOnBothKernels(variant: String) async throws {
        let scratch = try ScratchDirectory()
        let built = await Invocation(
            ["kernel", "build", variant], environment: Self.environment)
        let path = try #require(
            built.document.split(separator: "\n").first?.split(separator: "\t").last)
        let result = await Invocation(
            ["run", "verify", "--kernel", String(path), "--output", "\(scratch.path)/j.jsonl"]
                + Self.agent, environment: Self.environment)
        #expect(result.code == 0, "\(result.diagnostics)\n\(result.document)")
    }

    /// The counts and the correctness battery: a probe that fails ends with 3.
    @Test(arguments: [[patched], [patched + "+debug", "--correctness"]])
    func everyProbePasses(arguments: [String]) async throws {
        let result = await Invocation(
            ["probe", "--kernel"] + arguments + Self.agent, environment: Self.environment)
        #expect(result.code == 0, "\(result.diagnostics)\n\(result.document)")
        #expect(result.document.contains("pass"))
    }

    /// Kernels that look for their own mistakes.
    private static var debugKernels: [String] {
        environment["PLUMBLINE_DEBUG_KERNELS"]?.split(separator: " ").map(String.init) ?? []
    }

    private func ranOnDebugKernel(
        _ suite: String, _ variant: String, _ more: [String] = []
    ) async throws -> Invocation {
        let scratch = try ScratchDirectory()
        return await Invocation(
            ["run", suite, "--kernel", variant, "--output", "\(scratch.path)/j.jsonl"]
                + more + Self.agent, environment: Self.environment)
    }

    // No lockdep, KASAN or atomic-sleep report, for a guest with a line of one is lost.
    @Test(arguments: debugKernels)
    func everyByteIsProvedOnDebugKernels(variant: String) async throws {
        let result = try await ranOnDebugKernel("verify", variant)
        #expect(result.code == 0, "\(result.diagnostics)\n\(result.document)")
    }

    @Test(arguments: debugKernels)
    func failedAllocationsLoseNothing(variant: String) async throws {
        let result = try await ranOnDebugKernel("faults", variant)
        #expect(result.code == 0, "\(result.diagnostics)\n\(result.document)")
    }

    @Test(arguments: debugKernels)
    func withoutPreallocationTheSameWritesFail(variant: String) async throws {
        let result = try await ranOnDebugKernel(
            "faults", variant, ["--cells", "fault/pipe/32KiB/none", "--append", "pipe.prealloc=0"])
        #expect(result.code == 5, "\(result.diagnostics)\n\(result.document)")
        #expect(result.document.contains("ENOMEM") || result.document.contains("memory"))
    }
}
