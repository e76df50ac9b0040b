// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import TestSupport
import Testing

/// Somebody else writes a knob of a toggle, or takes its file away.
@Suite(.serialized, .disabled(if: Faults.missing != nil, "\(Faults.missing ?? "")"))
struct KnobFaultTests {
    /// A toggle of a file that holds 60.
    private func start(first: String? = nil) throws -> (run: MachineRun, knob: String) {
        let run = try MachineRun(Cells.pipe)
        let knob = try run.write("60\n", to: "knob")
        try run.start(
            "toggle machine.yaml --knob file:\(knob)=10,20 --slice 200ms --blocks 6", first: first)
        try run.awaitSlices()
        return (run, knob)
    }

    @Test func aValueThatSomebodyWritesVoidsItsSlicesAndTheOldOneComesBack() throws {
        let (run, knob) = try start()
        for _ in 0..<3 {
            try Clock.sleep(nanoseconds: .random(in: 300_000_000...1_000_000_000))
            try SystemFile.write("77", to: knob)
        }
        let code = try run.wait()
        #expect([0, 3, 4, 5].contains(code), "\(run.printed)")
        let reasons = run.slices.compactMap { $0.reasons["knob-changed"] }
        #expect(!reasons.isEmpty, "\(run.printed)")
        #expect(
            reasons.allSatisfy {
                $0.hasPrefix("\(knob) was set to '") && $0.hasSuffix("' and holds '77'")
            }, "\(reasons)")
        #expect(try SystemFile.read(knob).hasPrefix("60"))
        try run.expectNothingLeft()
    }

    @Test func aProgramThatKeepsWritingItIsFound() throws {
        let (run, knob) = try start()
        let output = try Descriptor.open("/dev/null", .write)
        let writer = try Command.spawn(
            ["sh", "-c", "while :; do echo 77 >'\(knob)'; done"], output: output)
        let code = try run.wait()
        try writer.kill()
        _ = try writer.wait()
        #expect([1, 5].contains(code), "\(run.printed)")
        #expect(run.printed.contains("knob"), "\(run.printed)")
        if code == 1 {
            #expect(run.printed.contains("(it took this value before)"), "\(run.printed)")
        }
        try run.expectNothingLeft()
    }

    @Test func aFileThatIsTakenAwayIsNamedAndWhatWasMeasuredIsKept() throws {
        let (run, knob) = try start()
        try eventually("a block is measured") { run.slices.count >= 4 || !run.isRunning }
        let kept = run.slices
        try SystemFile.unlink(knob)
        #expect(try run.wait() == 1, "\(run.printed)")
        #expect(run.printed.contains(knob), "\(run.printed)")
        #expect(Array(run.slices.prefix(kept.count)) == kept)
        // What cannot be restored stays on record until somebody looks.
        _ = try Command.run([Built.plumbline, "doctor", "--restore"])
        try run.expectNothingLeft()
    }

    @Test func aFileThatBecomesReadOnlyIsNamed() throws {
        let (run, knob) = try start(first: "mount --bind . . && cd .")
        try run.inside("mount --bind '\(knob)' '\(knob)' && mount -o remount,bind,ro '\(knob)'")
        #expect(try run.wait() == 1, "\(run.printed)")
        #expect(run.printed.contains("the knob \(knob) does not take"), "\(run.printed)")
        #expect(run.printed.contains("Read-only file system"), "\(run.printed)")
        _ = try Command.run([Built.plumbline, "doctor", "--restore"])
        #expect(try SystemFile.read(knob).hasPrefix("60"))
        try run.expectNothingLeft()
    }
}
