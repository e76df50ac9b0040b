// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Machine
import TestSupport
import Testing

@testable import Commands

/// `--dry-run` with the real agent: it says what would be changed, and changes nothing.
struct DryRunTests {
    private static let agent = BuiltProgram.path + "-agent"

    private func dryRun(_ arguments: [String]) async throws -> String {
        let before = Self.state
        // Behind -- are a program's words.
        let own = arguments.prefix { $0 != "--" }
        let outcome = await Invocation(
            own + ["--dry-run", "--agent", Self.agent] + arguments[own.endIndex...])
        #expect(outcome.code == 0, "\(outcome.diagnostics)")
        // Other tests run at the same time: their files go when they end.
        let made = Self.state.subtracting(before)
        try eventually("nothing is left of a dry run") { made.isDisjoint(with: Self.state) }
        return outcome.document
    }

    /// The files of the state directory.
    private static var state: Set<String> {
        Set((try? SystemFile.list(StateDirectory.path)) ?? [])
    }

    @Test func aRunSaysWhatItsCellsWouldChange() async throws {
        let text = try await dryRun(["run", "smoke", "--cells", "*/memcg*"])
        #expect(text.contains("make the cgroup ") || MemoryHierarchy.find() == nil)
        #expect(text.contains("plumbline-hog"))
        #expect(text.contains("  1. "))
    }

    @Test func aRunWithoutPressureChangesNothing() async throws {
        let text = try await dryRun(["run", "smoke", "--cells", "pipe/*/none"])
        #expect(text == "Nothing of this machine would be changed.\n")
    }

    @Test func theStorageOfAProgramIsToldBeforeItIsMade() async throws {
        let text = try await dryRun(["run", "--storage", "zram:ext4", "--", "true", "{storage}"])
        #expect(text.contains("zram"))
        #expect(text.contains("run mkfs.ext4"))
        // Cells with the same storage share it.
        let cells = ["--cells", "*dio-baseline*", "--cells", "dio/*"]
        let peers = try await dryRun(["run", "peers"] + cells)
        let made = peers.split(separator: "\n").count { $0.contains("run mkfs.ext4") }
        #expect(made == 1, "\(peers)")
    }

    @Test func aToggleNamesTheKnobFirst() async throws {
        let text = try await dryRun(
            ["toggle", "smoke", "--cells", "pipe/*/none", "--knob", "vm.swappiness=60,10"])
        #expect(text.contains("  1. write '60' and '10' in turn to /proc/sys/vm/swappiness"))
    }

    @Test func aCommandOfTheUserIsShownOnOneLine() async throws {
        let text = try await dryRun(
            ["toggle", "smoke", "--cells", "pipe/*/none", "--knob", "cmd:'a\u{1b}[2J\nb','c'"])
        #expect(text.contains(#"  1. run in turn, each by sh -c: a\u{1b}[2J b; c; at the end"#))
    }

    @Test func twoKernelsChangeNothingHere() async throws {
        let text = try await dryRun(["ab", "smoke", "--a", "6.12", "--b", "6.12+dio-cache"])
        #expect(text.contains("start QEMU with 6.12+dio-cache, as this user"))
    }

    @Test func whatAKilledRunLeftIsShownAndStays() async throws {
        let outcome = await Invocation(["doctor", "--restore", "--dry-run"])
        #expect(outcome.code == 0)
        #expect(!outcome.document.contains("restored"))
        #expect(await Invocation(["doctor", "--dry-run"]).code == 64)
    }
}
