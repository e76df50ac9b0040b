// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol

/// How a guest's instructions are carried out.
public enum Accelerator: String, Sendable, CaseIterable, Codable {
    /// By the processor, with KVM.
    case kvm
    /// By QEMU's emulator, one thread a virtual CPU.
    case tcg
}

/// A guest as it shall be: which kernel, on what machine.
public struct GuestPlan: Sendable, Equatable {
    /// What errors call it, such as `guest 6.12`.
    public var name: String
    /// The kernel: a bzImage, or a vmlinux with a PVH note.
    public var image: String
    /// Added to the kernel's command line.
    public var kernelArguments: [String] = []
    /// Whether the kernel looks for its own mistakes, and is slow for it.
    public var isDebug = false
    /// Virtual CPUs.
    public var cpus = 2
    /// Bytes of memory.
    public var memory = 1 << 30
    /// NUMA nodes, CPUs and memory shared out evenly; more than one needs ACPI and PCI in the kernel.
    public var nodes = 1
    /// Who carries out the guest's instructions.
    public var accelerator = Accelerator.tcg
    /// What time is: the host's, or the count of the guest's instructions, one a nanosecond, on
    /// one emulated CPU.
    public var lens = Lens.wall
    /// The sizes in bytes of virtio-blk drives, each on a file of the host's that has no name.
    public var drives: [Int] = []
    /// The host's directory for the drives' files.
    public var driveDirectory = "/var/tmp"
    /// For each virtual CPU the host's CPU that it is held to; empty for none.
    public var pins: [Int] = []
    /// The host's CPUs for the emulator's other threads; nil for all.
    public var emulatorCPUs: CPUSet?
    /// The host's time-stamp counter in ticks a millisecond, for emulated guests; nil has the guest
    /// find out, which fails on a busy host.
    public var timestampKilohertz: Int?
    /// Whether perf counters shall watch the workers.
    public var counters = false

    /// A guest of two CPUs and 1 GiB.
    public init(name: String, image: String) {
        self.name = name
        self.image = image
    }

    /// The guest as a journal has it.
    public var record: GuestRecord {
        GuestRecord(
            image: image, accelerator: accelerator.rawValue, lens: lens,
            machine: isMicroVM ? "microvm" : "q35", cpus: cpus, memory: memory, nodes: nodes,
            pins: pins, commandLine: kernelCommandLine)
    }

    /// Refuses what no guest can be.
    ///
    /// - Throws: `usage`, naming the option.
    public func check() throws(PlumblineError) {
        guard (1...255).contains(cpus) else {
            throw .usage("a guest cannot have \(cpus) CPUs", remedy: "--cpus goes from 1 to 255")
        }
        // The agent leaves 256 MiB to the machine, whatever a cell asks for.
        guard memory >= 384 << 20, memory % (1 << 20) == 0 else {
            throw .usage(
                "a guest cannot have \(ByteSize(memory)) of memory",
                remedy: "--memory takes whole MiB from 384m")
        }
        guard (1...min(8, cpus)).contains(nodes), cpus % nodes == 0, (memory >> 20) % nodes == 0
        else {
            throw .usage(
                "\(cpus) CPUs and \(ByteSize(memory)) cannot be \(nodes) NUMA nodes",
                remedy: "--numa goes from 1 to the CPUs, at most 8, and divides CPUs and memory")
        }
        guard pins.isEmpty || pins.count == cpus else {
            throw .usage(
                "--pin names \(pins.count) CPUs for \(cpus) of the guest",
                remedy: "name one CPU of this machine for each of the guest's, such as 2,3")
        }
        guard lens == .wall || (cpus == 1 && accelerator == .tcg) else {
            throw .usage(
                "the lens 'instructions' has one emulated CPU",
                remedy: "add --cpus 1, and leave --accelerator out")
        }
    }
}
