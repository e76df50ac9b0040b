// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Suites
import Testing

@testable import Remotes

/// The steps of a boot, over a machine whose answers are scripted.
@Suite struct RebootMachineTests {
    private func error(
        of script: ScriptedMachine, _ file: TargetFile, then kernel: String = "new"
    ) async throws -> PlumblineError {
        var machine = script.machine(file)
        do throws(PlumblineError) {
            _ = try await machine.start(file.kernel(named: kernel))
            return .usage("it booted")
        } catch { return error }
    }

    @Test func aKernelIsChosenThenTheMachineRebootsAndAnswersFromAnotherBoot() async throws {
        let script = ScriptedMachine()
        let file = try ScriptedMachine.file()
        var machine = script.machine(file)
        let before = try await machine.reach()
        let record = try await machine.start(file.kernels[1])
        #expect(script.ran == ["choose new", "reboot"])
        // The two answers from the old boot, on the way down, were not taken for the new one's.
        #expect(record.bootID != before.bootID)
        #expect(record.version == "Linux version new")
        #expect(record.commandLine == "root=/dev/vda")
        #expect(record.took != nil && before.took == nil)
    }

    @Test func aMachineThatDoesNotGoDownIsToldFromOneThatDoesNotComeBack() async throws {
        let file = try ScriptedMachine.file()
        let up = try await error(of: ScriptedMachine { _ in .staysUp }, file)
        #expect(up.message.contains("did not go down within 1 s after `reboot`"), "\(up)")
        let choice = "the next boot of ssh://box may be of new: take back what `choose new` did"
        #expect(up.remedy.hasSuffix(choice), "\(up)")
        let gone = try await error(of: ScriptedMachine { _ in .isGone }, file)
        let words = "ssh://box did not come back within 1 s after `reboot` into new: "
        #expect(gone.message.hasPrefix(words + "connection refused"), "\(gone)")
        #expect(gone.remedy.contains("look at its console"))
        #expect(gone.remedy.contains("`ssh box`"))
        #expect(!gone.remedy.contains("may be of new"))
    }

    @Test func aCommandThatFailsIsNamedWithItsCodeAndItsWords() async throws {
        let file = try ScriptedMachine.file("select: [chose, '{kernel}']\nreboot: [reboot]")
        let error = try await error(of: ScriptedMachine(), file)
        #expect(
            error.message
                == "`chose new` on ssh://box ended with exit code 127: no such program")
        #expect(error.remedy == "run it by hand: `ssh box chose new`")
    }

    @Test func aRebootThatFailsLeavesTheChoiceAndSaysSo() async throws {
        let file = try ScriptedMachine.file("select: [choose, '{kernel}']\nreboot: [stop]")
        let error = try await error(of: ScriptedMachine(), file)
        #expect(error.message.hasPrefix("`stop` on ssh://box ended with exit code 127"))
        #expect(error.remedy.contains("may be of new: take back what `choose new` did"))
    }

    @Test(arguments: [
        ("grub-reboot", "entry: x", "grub-editenv - unset next_entry"),
        ("systemd-boot", "entry: x", "bootctl set-oneshot ''"),
        ("kexec", "image: /x", "kexec --unload"),
    ])
    func eachWayOfOursHasACommandThatTakesAChoiceBack(
        way: String, kernel: String, command: String
    ) throws {
        let text = "host: ssh://box\nboot: \(way)\nkernels: {new: {\(kernel)}}\n"
        let file = try TargetFile(SuiteSource(place: "box.yaml", text: text))
        #expect(file.deselection?.text == command)
    }

    @Test func aMachineThatIsRestartedFromHereNeedsNoAnswerBefore() async throws {
        let log = "/tmp/plumbline-reboots-\(UInt64.random(in: 0 ... .max))"
        defer { try? SystemFile.unlink(log) }
        let reboot = "reboot: [sh, -c, 'echo \"$1\" >>\(log)', sh, '{kernel}']\nwhere: here"
        let file = try ScriptedMachine.file(reboot)
        var machine = ScriptedMachine(following: log).machine(file)
        for kernel in [file.kernels[1], file.kernels[0], file.kernels[0]] {
            #expect(try await machine.start(kernel).version == "Linux version \(kernel.name)")
        }
        #expect(try SystemFile.read(log) == "new\nold\nold\n")
        let missing = try ScriptedMachine.file("reboot: [no-such-program, '{kernel}']\nwhere: here")
        let error = try await error(of: ScriptedMachine(), missing)
        #expect(error.message.hasPrefix("cannot run `no-such-program new` on this machine"))
    }

    @Test func aSignalEndsTheWaitForAMachine() async throws {
        let file = try ScriptedMachine.file()
        let script = ScriptedMachine { _ in .isGone }
        let hasRebooted: @Sendable () -> Bool = { script.ran.contains("reboot") }
        var machine = script.machine(file, isInterrupted: hasRebooted)
        try await machine.reach()
        try await machine.reboot(to: file.kernels[0])
        do throws(PlumblineError) {
            _ = try await machine.awaitReturn(of: file.kernels[0])
            Issue.record("it returned")
        } catch { #expect(error.kind == .interrupted) }
    }

    @Test func aCommandThatWaitsHereMustSucceed() async throws {
        let more =
            "select: [choose, '{kernel}']\nreboot: [reboot]\nwait: {run: ['false'], where: here}"
        let error = try await error(of: ScriptedMachine(), ScriptedMachine.file(more))
        #expect(error.message == "`false` on this machine ended with exit code 1")
    }
}
