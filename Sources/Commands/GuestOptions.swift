// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Cells
import Guests
import Kernels
import Linux
import Protocol

extension Lens: ExpressibleByArgument {}
extension Accelerator: ExpressibleByArgument {}

/// The options of every command that boots guests: what machine they are.
public struct GuestOptions: ParsableArguments {
    /// Virtual CPUs.
    @Option(help: ArgumentHelp("A guest's CPUs. Default: 2.", valueName: "number"))
    public var cpus: Int?
    /// Memory.
    @Option(
        help: ArgumentHelp(
            "A guest's memory. Default: 1g; 3g for a suite with pressure anon; twice that for a "
                + "debug kernel.", valueName: "size"))
    public var memory: String?
    /// NUMA nodes.
    @Option(
        help: ArgumentHelp(
            "A guest's NUMA nodes, which share its CPUs and memory. Default: 1.",
            valueName: "number"))
    public var numa: Int?
    /// What time is.
    @Option(
        help: ArgumentHelp(
            "What is measured: wall (time), or instructions.", valueName: "lens"))
    public var lens: Lens?
    /// The accelerator.
    @Option(
        help: ArgumentHelp(
            "kvm or tcg (emulation). Default: kvm where a trial boot with it works.",
            valueName: "name"))
    public var accelerator: Accelerator?
    /// Pinned CPUs.
    @Option(
        help: ArgumentHelp(
            "This machine's CPU for each of a guest's, such as 2,3; nothing else of QEMU runs "
                + "there.", valueName: "list"))
    public var pin: String?
    /// Drives.
    @Option(
        help: ArgumentHelp(
            "The size of a virtio-blk drive on a file, for storage=virtio; may be given again.",
            discussion: "Default: as many and as large as the suite needs.", valueName: "size"))
    public var drive: [String] = []
    /// The drives' directory.
    @Option(
        help: ArgumentHelp(
            "Where the drives' files go. Default: /var/tmp.", valueName: "directory"))
    public var driveDirectory: String?
    /// More of the kernel's command line.
    @Option(
        help: ArgumentHelp(
            "Added to a guest kernel's command line; may be given again.", valueName: "words"))
    public var append: [String] = []

    /// Made by the argument parser.
    public init() {}
}

extension GuestOptions {
    /// The first option that was told besides one, for commands that can do without a guest.
    func told(besides other: String) -> String? {
        words.first { $0.hasPrefix("--") && $0 != other }
    }

    /// The options as they were told.
    var words: [String] {
        var words: [String] = []
        func add(_ option: String, _ value: (some CustomStringConvertible)?) {
            if let value { words += [option, "\(value)"] }
        }
        add("--cpus", cpus)
        add("--memory", memory)
        add("--numa", numa)
        add("--lens", lens?.rawValue)
        add("--accelerator", accelerator?.rawValue)
        add("--pin", pin)
        for size in drive { add("--drive", size) }
        add("--drive-directory", driveDirectory)
        for text in append { add("--append", text) }
        return words
    }

    /// A guest with this kernel for a suite.
    ///
    /// - Throws: `usage` for a value that cannot be.
    func plan(
        name: String, image: String, for suite: SuiteRecord
    ) throws(PlumblineError) -> GuestPlan {
        let kernel = KernelImage(imageAt: image)
        var plan = GuestPlan(name: name, image: image)
        plan.isDebug = kernel?.isDebug == true
        plan.lens = lens ?? .wall
        plan.cpus = cpus ?? (plan.lens == .instructions ? 1 : 2)
        if let memory {
            plan.memory = try size(memory, "--memory")
        } else {
            plan.memory = try Self.memory(for: suite) * (plan.isDebug ? 2 : 1)
        }
        plan.nodes = numa ?? 1
        if let accelerator { plan.accelerator = accelerator }
        if let pin { try hold(&plan, to: pin) }
        plan.drives = try drive.map { text throws(PlumblineError) in try size(text, "--drive") }
        if drive.isEmpty { plan.drives = try GuestDrives.sizes(for: suite) }
        if let driveDirectory {
            guard (try? Descriptor.open(driveDirectory).facts().kind) == .directory else {
                throw .usage(
                    "--drive-directory \(driveDirectory) is no directory",
                    remedy: "give one on a disk with room for the drives")
            }
            plan.driveDirectory = driveDirectory
        }
        plan.kernelArguments = append
        try plan.check()
        return plan
    }

    /// What the suite's most demanding cell needs.
    private static func memory(for suite: SuiteRecord) throws(PlumblineError) -> Int {
        var most = 1 << 30
        for cell in suite.cells { most = max(most, try CellDescription(cell).guestMemory) }
        return most
    }

    private func size(_ text: String, _ option: String) throws(PlumblineError) -> Int {
        guard let size = ByteSize(text), size.bytes > 0 else {
            throw .usage("\(option) cannot be '\(text)'", remedy: "give a size such as 512m or 2g")
        }
        return size.bytes
    }

    /// The emulator's other threads keep off the CPUs that guests have, where any are left.
    private func hold(_ plan: inout GuestPlan, to list: String) throws(PlumblineError) {
        let allowed = (try? CPUSet.allowed()) ?? CPUSet()
        for text in list.split(separator: ",", omittingEmptySubsequences: false) {
            guard let cpu = Int(text), allowed.contains(cpu) else {
                throw .usage(
                    "--pin: '\(text)' is no CPU of this machine that may be used",
                    remedy: "these may: \(allowed)")
            }
            plan.pins.append(cpu)
        }
        let rest = CPUSet(allowed.cpus.filter { !plan.pins.contains($0) })
        if !rest.isEmpty { plan.emulatorCPUs = rest }
    }
}
