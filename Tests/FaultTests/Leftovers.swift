// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import LabSupport
import Linux
import TestSupport
import Testing

/// Whether faults are played: by `make fault-test` only, because they take minutes, change the
/// machine, and need root.
enum Faults {
    /// Why not; nil when they are.
    static let missing: String? = {
        guard ProcessInfo.processInfo.environment["PLUMBLINE_FAULTS"] == "1" else {
            return "plays faults for minutes: run `make fault-test`"
        }
        return ChildProcess.userID == 0 ? nil : "needs root"
    }()
}

/// What a fault must not leave on this machine.
struct Leftovers: Equatable {
    /// Cgroups of ours.
    var cgroups: Set<String>
    /// Lines of /proc/self/mounts.
    var mounts: Set<String>
    /// Loop devices, null_blk devices and zram devices, with what is behind them.
    var devices: Set<String>
    /// Processes that run a program of ours, QEMU, stress-ng or ssh: id and command line.
    var processes: Set<String>
    /// Undo logs and what else is in the state directory.
    var state: Set<String>
    /// Private files and directories in /tmp, /var/tmp and /dev/shm, but for those of the tests.
    var files: Set<String>
    /// Settings of the kernel that a run may switch.
    var settings: Set<String>

    /// What is there now.
    static func now() -> Leftovers {
        Leftovers(
            cgroups: lines("find /sys/fs/cgroup -type d -name 'plumbline*'"),
            mounts: lines("cut -d' ' -f1-3 /proc/self/mounts"),
            devices: lines(
                """
                losetup -n -O NAME,BACK-FILE
                for d in /sys/block/zram*/disksize; do echo "$d $(cat "$d")"; done
                ls -d /sys/block/nullb* /sys/kernel/config/nullb/*/
                """),
            processes: lines(
                """
                for p in /proc/[0-9]*; do
                  exe=$(readlink "$p/exe") || continue
                  case ${exe##*/} in
                  plumbline*Tests*|plumbline*xctest) ;;
                  plumbline|plumbline-agent|qemu-system-*|stress-ng|ssh)
                    grep -q '^State:.[ZX]' "$p/status" || echo "${p#/proc/} $(tr '\\0' ' ' <"$p/cmdline")" ;;
                  esac
                done
                """),
            state: lines("find /run/plumbline -mindepth 1"),
            files: lines(
                """
                find /tmp /var/tmp /dev/shm -mindepth 1 -maxdepth 1 -name '*plumbline*' \
                  ! -name 'plumbline-test-*' ! -name 'plumbline-lab-*' ! -name 'plumbline-sshd-*' \
                  ! -name 'plumbline-scratch-*' ! -name plumbline-debian-kernels
                """),
            settings: lines(
                """
                cd /proc/sys/vm && grep -H . swappiness dirty_ratio min_free_kbytes overcommit_memory
                grep -H . /proc/sys/kernel/task_delayacct /sys/devices/system/cpu/online
                grep -H . /sys/kernel/mm/transparent_hugepage/enabled
                cat /proc/swaps | cut -d' ' -f1
                """))
    }

    /// What is there now and was not before, and the other way round; empty when all is as it was.
    func changes() -> [String] {
        let now = Leftovers.now()
        return [
            ("cgroup", cgroups, now.cgroups), ("mount", mounts, now.mounts),
            ("device", devices, now.devices), ("process", processes, now.processes),
            ("state", state, now.state), ("file", files, now.files),
            ("setting", settings, now.settings),
        ].flatMap { kind, before, after in
            after.subtracting(before).sorted().map { "\(kind) left: \($0)" }
                + before.subtracting(after).sorted().map { "\(kind) lost: \($0)" }
        }
    }

    /// Waits until all is as it was: what undoes a killed program's changes is another process.
    func expectNone(_ location: SourceLocation = #_sourceLocation) throws {
        do {
            try eventually("nothing is left") { changes().isEmpty }
        } catch {
            Issue.record("left behind: \(changes())", sourceLocation: location)
        }
    }

    private static func lines(_ script: String) -> Set<String> {
        let output = (try? Command.run(["sh", "-c", script + "\n:"]))?.output ?? ""
        return Set(output.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("ls: ") })
    }
}
