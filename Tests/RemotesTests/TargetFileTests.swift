// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Suites
import Testing

@testable import Remotes

/// What a target file may say, and what comes of it: command lines, nothing run.
@Suite struct TargetFileTests {
    private static let host = "host: ssh://root@box\n"

    private func file(_ text: String) throws(PlumblineError) -> TargetFile {
        try TargetFile(SuiteSource(place: "box.yaml", text: text))
    }

    private func steps(_ text: String, _ name: String = "new") throws -> BootSteps {
        let file = try file(Self.host + text)
        return file.steps(for: try file.kernel(named: name))
    }

    @Test(arguments: TargetFile.Way.allCases)
    func everyExampleIsATargetFile(way: TargetFile.Way) throws {
        let file = try file(way.example)
        #expect(file.way == way)
        #expect(file.kernels.map(\.name) == ["stock", "patched"])
    }

    @Test func grubBootsAnEntryOnce() throws {
        let steps = try steps("boot: grub-reboot\nkernels:\n  new: {entry: 'Advanced>Linux 6.1'}\n")
        #expect(steps.select?.words == ["grub-reboot", "Advanced>Linux 6.1"])
        #expect(steps.reboot.words == ["reboot"])
        #expect(steps.wait == nil && !steps.isAllHere)
    }

    @Test func systemdBootBootsAnEntryOnce() throws {
        let steps = try steps("boot: systemd-boot\nkernels:\n  new: {entry: new.conf}\n")
        #expect(steps.select?.words == ["bootctl", "set-oneshot", "new.conf"])
        #expect(steps.reboot.words == ["systemctl", "reboot"])
    }

    @Test func kexecLoadsAnImageWithItsCommandLineAsOneWord() throws {
        let whole = try steps(
            "boot: kexec\nkernels:\n"
                + "  new: {image: /boot/k, initrd: /boot/i, append: root=/dev/vda quiet}\n")
        #expect(
            whole.select?.words == [
                "kexec", "--load", "/boot/k", "--initrd=/boot/i", "--append=root=/dev/vda quiet",
            ])
        #expect(whole.reboot.words == ["systemctl", "kexec"])
        let least = try steps(
            "boot: kexec\nreboot: [kexec, -e]\nkernels: {new: {image: /boot/k}}\n")
        #expect(least.select?.words == ["kexec", "--load", "/boot/k", "--reuse-cmdline"])
        #expect(least.reboot.words == ["kexec", "-e"])
    }

    @Test func theNameOfAKernelTakesThePlaceOfWholeWordsOnly() throws {
        let steps = try steps(
            "boot: commands\nkernels: [new]\nwhere: here\nselect: [./choose, '{kernel}', '{ kernel}']\n"
                + "reboot: {run: [reboot, -f], where: machine}\nwait: [./ready]\n")
        #expect(steps.select == BootCommand(["./choose", "new", "{ kernel}"], on: .here))
        #expect(steps.reboot == BootCommand(["reboot", "-f"], on: .machine))
        #expect(steps.wait == BootCommand(["./ready"], on: .here))
    }

    @Test func whatIsExpectedOfAKernelIsComparedWithWhatRuns() throws {
        let file = try file(
            Self.host + """
                boot: commands
                timeout: 90s
                reboot: [./boot, "{kernel}"]
                kernels:
                  new:
                    expect:
                      release: 6.1.0
                      build_id: AB12
                      version: gcc-12
                      command_line: [quiet, root=/dev/vda]
                  other:
                """)
        #expect(file.timeout == .seconds(90))
        let expected = file.kernels[0].expected
        func difference(_ change: (inout BootedKernel) -> Void) -> String? {
            var kernel = BootedKernel.sample
            change(&kernel)
            return kernel.difference(from: expected)
        }
        #expect(difference { _ in } == nil)
        #expect(difference { $0.release = "6.1.1" } == "release '6.1.1' instead of '6.1.0'")
        #expect(difference { $0.buildID = nil } == "build id 'unknown' instead of 'ab12'")
        #expect(difference { $0.version = "x" } == "/proc/version 'x' without 'gcc-12'")
        #expect(
            difference { $0.commandLine = "quiet root=/dev/vdab" }
                == "the command line 'quiet root=/dev/vdab' without 'root=/dev/vda'")
        #expect(BootedKernel.sample.difference(from: file.kernels[1].expected) == nil)
    }

    // (the file after its host, what the error says)
    @Test(arguments: [
        ("boot: grub-reboot\nkernel: {}\n", "box.yaml:3:1: unknown key 'kernel' for a target file"),
        ("boot: grub-reboot\nkernel: {}\n", "did you mean kernels?"),
        ("kernels: {}\n", "it has no boot"),
        ("boot: grub\nkernels: {}\n", "box.yaml:2:7: unknown value"),
        ("boot: grub-reboot\n", "it has no kernels"),
        ("boot: grub-reboot\nkernels: {}\n", "there is no kernel"),
        ("boot: grub-reboot\nkernels: [a, b]\n", "kernels must be a mapping"),
        ("boot: grub-reboot\nkernels: {a: {}}\n", "the kernel 'a' has no entry"),
        (
            "boot: grub-reboot\nkernels: {a: {image: /k}}\n",
            "unknown key 'image' for a kernel of grub"
        ),
        ("boot: grub-reboot\nkernels: {a: {entry: --help}}\n", "entry begins with '-'"),
        ("boot: grub-reboot\nkernels: {a: {entry: \"a\\nb\"}}\n", "contains a control character"),
        ("boot: grub-reboot\nselect: [x]\nkernels: {a: {entry: x}}\n", "select is not supported"),
        ("boot: kexec\nkernels: {a: {image: k}}\n", "image must be an absolute path"),
        ("boot: kexec\nkernels: {../a: {image: /k}}\n", "invalid name '../a'"),
        ("boot: kexec\nkernels: {-a: {image: /k}}\n", "invalid name '-a'"),
        ("boot: kexec\nkernels: {a: {image: /k, expect: {relaese: x}}}\n", "did you mean release?"),
        ("boot: commands\nkernels: [a]\n", "it has no reboot"),
        ("boot: commands\nreboot: reboot\nkernels: [a]\n", "reboot must be a list of words"),
        ("boot: commands\nreboot: [-f]\nkernels: [a]\n", "the program of reboot begins with '-'"),
        ("boot: commands\nreboot: [reboot]\nkernels: [a, b]\n", "has the word {kernel}"),
        ("boot: commands\nreboot: [reboot]\nkernels: [a, a]\n", "the kernel 'a' is given twice"),
        (
            "boot: commands\nreboot: [sh, -c, 'boot {kernel}']\nkernels: [a]\n",
            "must be a word of its own"
        ),
        ("boot: commands\nreboot: {where: here}\nkernels: [a]\n", "reboot has no run"),
        ("boot: commands\nreboot: [x]\nwhere: there\nkernels: [a]\n", "known: here, machine"),
        (
            "boot: commands\nreboot: [x]\ntimeout: 5\nkernels: [a]\n",
            "invalid value '5' for timeout"
        ),
        ("boot: commands\nreboot: [x]\ntimeout: 3h\nkernels: [a]\n", "allowed: 1s to 2h"),
    ])
    func whatIsWrongIsNamedWithItsLine(text: String, words: String) {
        do throws(PlumblineError) {
            _ = try file(Self.host + text)
            Issue.record("accepted: \(text)")
        } catch {
            #expect(error.kind == .usage)
            #expect("\(error)".contains(words), "\(error)")
        }
    }

    @Test func anAddressThatSSHWouldTakeForAnOptionIsRefusedWithItsLine() {
        do throws(PlumblineError) {
            _ = try file("host: ssh://-oProxyCommand=x\nboot: kexec\nkernels: {a: {image: /k}}\n")
            Issue.record("accepted")
        } catch { #expect(error.message.hasPrefix("box.yaml:1:7: invalid address"), "\(error)") }
    }
}

extension BootedKernel {
    /// A kernel that is as a test expects it.
    fileprivate static var sample: BootedKernel {
        let hello = Hello(
            toolVersion: "0.1.0", kernelRelease: "6.1.0", kernelVersion: "#1", machine: "x86_64",
            buildID: "ab12cd", cpus: 2, cpuModel: nil, memory: 1 << 30, pageSize: 4096,
            cgroupVersion: 2, clockSource: "tsc", timer: "tsc", timerCost: 9, timingCost: 20,
            capabilities: [])
        let boot = BootRecord(
            bootID: "", version: "Linux version 6.1.0 (gcc-12)", commandLine: "quiet root=/dev/vda")
        return BootedKernel(hello, boot)
    }
}
