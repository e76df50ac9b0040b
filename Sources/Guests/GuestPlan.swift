// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol

/// How a guest's instructions are executed.
package enum Accelerator: String, Sendable, CaseIterable, Codable {
    /// By the processor, with KVM.
    case kvm
    /// By QEMU's emulator, with a thread per virtual CPU.
    case tcg
}

/// A guest's kernel and machine.
package struct GuestPlan: Sendable, Equatable {
    /// The name in errors, such as `guest 6.12`.
    package var name: String
    /// The path of the kernel: a bzImage, or a vmlinux with a PVH note.
    package var image: String
    /// Words to append to the kernel's command line.
    package var kernelArguments: [String] = []
    /// Whether the kernel has debugging options, which make it slow.
    package var isDebug = false
    package var cpus = 2
    package var memory = 1 << 30
    /// NUMA nodes with equal shares of CPUs and memory; more than one needs ACPI and PCI.
    package var nodes = 1
    package var accelerator = Accelerator.tcg
    /// Time, or instructions: the clock of a guest with one emulated CPU then advances by a
    /// nanosecond per instruction.
    package var metric = Metric.time
    /// Bytes of each virtio-blk drive, on an unnamed file of the host.
    package var drives: [Int] = []
    /// The host's directory for the drives' files.
    package var driveDirectory = "/var/tmp"
    /// The host's CPU for each virtual CPU; empty for any.
    package var pins: [Int] = []
    /// The host's CPUs for QEMU's other threads; nil for any.
    package var emulatorCPUs: CPUSet?
    /// The host's TSC in ticks per millisecond, for emulated guests; nil lets the guest calibrate,
    /// which fails on a busy host.
    var timestampKilohertz: Int?
    /// The machine that it runs on.
    var host: GuestRecord.Host?
    /// Whether perf counters watch the workers.
    var counters = false

    /// A guest with two CPUs and 1 GiB.
    package init(name: String, image: String) {
        self.name = name
        self.image = image
    }

    var record: GuestRecord {
        GuestRecord(
            image: image, accelerator: accelerator.rawValue, metric: metric,
            machine: isMicroVM ? "microvm" : "q35", cpus: cpus, memory: memory, nodes: nodes,
            pins: pins, commandLine: kernelCommandLine, host: host)
    }

    /// Refuses invalid plans.
    ///
    /// - Throws: `usage` with the option.
    package func check() throws(PlumblineError) {
        guard (1...255).contains(cpus) else {
            throw .usage("invalid value '\(cpus)' for --cpus (allowed: 1 to 255)")
        }
        // The agent leaves 256 MiB to the machine, whatever a cell asks for.
        guard memory >= 384 << 20, memory % (1 << 20) == 0 else {
            throw .usage(
                "invalid value '\(ByteSize(memory))' for --memory (allowed: whole MiB from 384m)")
        }
        guard (1...min(8, cpus)).contains(nodes), cpus % nodes == 0, (memory >> 20) % nodes == 0
        else {
            throw .usage(
                "invalid value '\(nodes)' for --numa with \(cpus) CPUs and \(ByteSize(memory)) "
                    + "(allowed: 1 to the number of CPUs, at most 8)",
                remedy: "choose a number that divides --cpus and --memory")
        }
        guard pins.isEmpty || pins.count == cpus else {
            throw .usage(
                "--pin has \(pins.count) CPUs for \(cpus) of the guest",
                remedy: "give one CPU of this machine for each of the guest's, such as 2,3")
        }
        guard metric == .time || (cpus == 1 && accelerator == .tcg) else {
            throw .usage(
                "instructions are counted in guests with one emulated CPU only",
                remedy: "use --cpus 1, and leave --accelerator out")
        }
    }

    /// Refuses files of programs that take half of the guest's memory or more.
    ///
    /// - Throws: `usage`.
    func check(holds bytes: Int) throws(PlumblineError) {
        guard 2 * bytes >= memory else { return }
        throw .usage(
            "the files of the suite's programs take \(ByteSize(bytes)), and the guest has "
                + "\(ByteSize(memory))",
            remedy: "give more --memory, or name fewer files in files:")
    }

    /// Refuses guests that do not fit into this machine's memory at the same time.
    ///
    /// - Throws: `usage`, with what they need and what there is.
    static func check(_ plans: [GuestPlan], budget: MemoryBudget) throws(PlumblineError) {
        // QEMU's own code and data, and what the emulator translates.
        let bytes = plans.reduce(0) {
            $0 + $1.memory + ($1.accelerator == .tcg ? 192 << 20 : 64 << 20)
        }
        let what =
            plans.count == 1
            ? "a guest of \(ByteSize(plans[0].memory))" : "running \(plans.count) guests at a time"
        try budget.check(bytes, for: what, remedy: "lower --memory")
    }
}
