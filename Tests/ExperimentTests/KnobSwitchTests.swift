// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Testing

@testable import Experiment

@Suite(.serialized)
struct KnobSwitchTests {
    private func error(_ knob: String) -> PlumblineError? {
        do throws(PlumblineError) {
            let harness = try? ToggleHarness()
            let knobs = try KnobSwitch(
                Knob.parse([knob]), undoLogs: harness?.undoLogs ?? "/nonexistent")
            try knobs.rehearse()
            return nil
        } catch {
            return error
        }
    }

    @Test func aKnobThatIsNotThereIsNamed() {
        let missing = error("vm.swappyness=1,2")
        #expect(missing?.kind == .usage)
        #expect(missing?.message.contains("/proc/sys/vm/swappyness") == true)
    }

    @Test func aKnobThatCannotBeWrittenIsNamedAndWhatToDo() {
        let fixed = error("kernel.osrelease=a,b")
        #expect(fixed?.kind == .usage)
        #expect(fixed?.message.contains("cannot be written") == true, "\(fixed?.message ?? "")")
        #expect(fixed?.remedy.isEmpty == false)
        #expect(error("/proc/self=a,b")?.kind == .usage)
    }

    @Test func bothValuesAreWrittenAndTheOldOneComesBack() throws {
        let harness = try ToggleHarness()
        let knobs = try KnobSwitch(
            Knob.parse(["\(harness.file)=70,80"]), undoLogs: harness.undoLogs)
        #expect(harness.value == "60")
        try knobs.turn(to: .b)
        #expect(harness.value == "80")
        let undoLog = try UndoLog(directory: harness.undoLogs)
        #expect(try SystemFile.read(undoLog.path).contains("writeBack"))
        try knobs.turn(to: .a)
        #expect(harness.value == "70")
        #expect(knobs.restore().isEmpty)
        #expect(harness.value == "60")
        #expect(!SystemFile.exists(undoLog.path))
    }

    @Test func theOldValueComesBackWhenNobodyAsks() throws {
        let harness = try ToggleHarness()
        do {
            let knobs = try KnobSwitch(
                Knob.parse(["\(harness.file)=70,80"]), undoLogs: harness.undoLogs)
            try knobs.turn(to: .b)
        }
        #expect(harness.value == "60")
    }

    @Test func aValueThatIsNotTakenIsShownBesideTheOneRead() throws {
        let harness = try ToggleHarness()
        // A file keeps the rest of its text, as a kernel's file that caps a value would differ.
        let mismatch = error("\(harness.file)=7,80")
        #expect(mismatch?.kind == .failure)
        #expect(mismatch?.message.contains("'7' was written") == true)
        #expect(mismatch?.message.contains("'70' is read back") == true, "\(mismatch!)")
    }

    private static let isRoot = ChildProcess.userID == 0

    @Test(.enabled(if: isRoot, "needs root to write a sysctl"))
    func aValueThatTheKernelRefusesIsShown() throws {
        let old = try SystemFile.read("/proc/sys/vm/overcommit_memory").trimmed
        let refused = error("vm.overcommit_memory=\(old),99")
        #expect(refused?.message.contains("does not take '99'") == true, "\(refused!)")
        #expect((try? SystemFile.read("/proc/sys/vm/overcommit_memory"))?.trimmed == old)
    }

    @Test(.enabled(if: isRoot, "needs root to write a sysctl"))
    func aRealSysctlIsSwitchedAndPutBack() throws {
        let path = "/proc/sys/vm/swappiness"
        let old = try SystemFile.read(path).trimmed
        let knobs = try KnobSwitch(
            Knob.parse(["vm.swappiness=59,61"]), undoLogs: "/tmp/plumbline-knob-undoLogs")
        try knobs.turn(to: .b)
        #expect(try SystemFile.read(path).trimmed == "61")
        knobs.restore()
        #expect(try SystemFile.read(path).trimmed == old)
        try? SystemFile.removeDirectory("/tmp/plumbline-knob-undoLogs")
    }

    @Test(arguments: [
        ("always [madvise] never\n", "madvise"), ("60\n", "60"), ("4096\t87380\n", "4096\t87380"),
        ("[one]\n", "[one]"), ("", ""), ("[a] [b] c", "[a] [b] c"),
    ])
    func theValueOfAFileIsTheChosenWord(text: String, value: String) {
        #expect(KnobFile.value(in: text) == value)
    }

    @Test(arguments: [
        ("60", "60", true), ("60", "61", false), ("Y", "1", true), ("N", "0", true),
        ("Y", "0", false), ("4096\t87380", "4096 87380", true), ("16", "0x10", true),
        ("1", "Y", false), ("1 2", "1", false),
    ])
    func spellingsOfOneValueAreTheSame(read: String, written: String, same: Bool) {
        #expect(KnobFile.same(read, written) == same)
    }

    @Test func commandsSwitchAndTheFirstOneIsRunAtTheEnd() throws {
        let harness = try ToggleHarness()
        let knobs = try KnobSwitch(
            Knob.parse(["cmd:'echo a >\(harness.file)','echo b >\(harness.file)'"]),
            undoLogs: harness.undoLogs)
        try knobs.turn(to: .b)
        #expect(harness.value == "b")
        knobs.restore()
        #expect(harness.value == "a")
    }

    @Test func aCommandThatFailsSaysWhatItSaid() {
        let failed = error("cmd:true,'echo no such thing; exit 3'")
        #expect(failed?.message.contains("exit code 3") == true)
        #expect(failed?.remedy.contains("no such thing") == true)
    }
}
