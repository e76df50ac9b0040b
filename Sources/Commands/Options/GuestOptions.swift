// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Cells
import Guests
import Kernels
import Linux
import Machine
import Protocol

extension Accelerator: ExpressibleByArgument {}

/// The options of every command that boots guests.
public struct GuestOptions: ParsableArguments {
    @Option(help: ArgumentHelp("CPUs of a guest. Default: 2.", valueName: "number"))
    var cpus: Int?
    @Option(
        help: ArgumentHelp(
            "Memory of a guest. Default: 1g; 2g or 3g for a suite with pressure anon or stress-ng; "
                + "more for several storages in memory; twice that for a debug kernel.",
            valueName: "size"))
    var memory: String?
    @Option(
        help: ArgumentHelp(
            "NUMA nodes of a guest, which share its CPUs and memory. Default: 1.",
            valueName: "number"))
    var numa: Int?
    @OptionGroup var metric: MetricOptions
    @Option(
        help: ArgumentHelp(
            "kvm or tcg (emulation). Default: kvm if a trial boot with it works.",
            valueName: "name"))
    var accelerator: Accelerator?
    @Option(
        help: ArgumentHelp(
            "One CPU of this machine for each CPU of a guest, such as 2,3. QEMU's other threads "
                + "run on other CPUs.", valueName: "list"))
    var pin: String?
    @Option(
        help: ArgumentHelp(
            "The size of a virtio-blk drive backed by a file, for storage=virtio; repeatable.",
            discussion: "Default: the number and sizes that the suite needs.", valueName: "size"))
    var drive: [String] = []
    @Option(
        help: ArgumentHelp(
            "The directory of the drives' files. Default: /var/tmp.", valueName: "directory"),
        completion: .directory)
    var driveDirectory: String?
    @Option(
        help: ArgumentHelp(
            "Append words to the kernel command line of a guest; repeatable.", valueName: "words"))
    var append: [String] = []

    /// Made by the argument parser.
    public init() {}
}

extension GuestOptions {
    /// The first option given that needs a guest.
    var guestOption: String? {
        let given = [
            ("--cpus", cpus != nil), ("--memory", memory != nil), ("--numa", numa != nil),
            ("--accelerator", accelerator != nil), ("--pin", pin != nil),
            ("--drive", !drive.isEmpty), ("--drive-directory", driveDirectory != nil),
            ("--append", !append.isEmpty),
        ]
        return given.first { $0.1 }?.0
    }

    /// Whether a suite's guest needs a kernel with `+full`, for NUMA nodes or XFS.
    func needsFull(for suite: SuiteRecord) throws(PlumblineError) -> Bool {
        for cell in suite.cells {
            if try CellDescription(cell).guestPrograms.contains(.makeXFS) { return true }
        }
        return (numa ?? 1) > 1
    }

    /// A guest with this kernel for a suite.
    ///
    /// - Parameter words: what its kernel command line has beside `--append`.
    /// - Throws: `usage` for an invalid value.
    func plan(
        name: String, image: String, for suite: SuiteRecord, appending words: [String] = []
    ) throws(PlumblineError) -> GuestPlan {
        let kernel = KernelImage(imageAt: image)
        var plan = GuestPlan(name: name, image: image)
        plan.isDebug = kernel?.isDebug == true
        plan.metric = try metric.chosen(inGuest: true)
        plan.cpus = cpus ?? (plan.metric == .instructions ? 1 : 2)
        if let memory {
            plan.memory = try size(memory, "--memory")
        } else {
            plan.memory = try Self.memory(for: suite) * (plan.isDebug ? 2 : 1)
        }
        plan.nodes = numa ?? 1
        if let accelerator { plan.accelerator = accelerator }
        if let pin { try self.pin(&plan, to: pin) }
        plan.drives = try drive.map { text throws(PlumblineError) in try size(text, "--drive") }
        if drive.isEmpty { plan.drives = try Self.driveSizes(for: suite) }
        if let driveDirectory {
            guard (try? Descriptor.open(driveDirectory).facts().kind) == .directory else {
                throw .usage(
                    "--drive-directory \(driveDirectory) is not a directory",
                    remedy: "give a directory with space for the drives")
            }
            plan.driveDirectory = driveDirectory
        }
        plan.kernelArguments = append + words
        try plan.check()
        return plan
    }

    /// What the suite's most demanding cell needs, and room for all storages in memory but the
    /// largest: the agent keeps them until it ends.
    private static func memory(for suite: SuiteRecord) throws(PlumblineError) -> Int {
        var most = 1 << 30
        var storages: Set<StorageSpec> = []
        for cell in suite.cells {
            let description = try CellDescription(cell)
            most = max(most, description.guestMemory)
            if let storage = description.workload.storage, storage.takesMemory {
                storages.insert(storage)
            }
        }
        let sizes = storages.map(\.deviceSize)
        let others = sizes.reduce(0, +) - (sizes.max() ?? 0)
        let mebibyte = 1 << 20
        return most + (others + mebibyte - 1) / mebibyte * mebibyte
    }

    /// The bytes of each drive: one for each different storage `virtio`, because the agent keeps
    /// all of them until it ends.
    private static func driveSizes(for suite: SuiteRecord) throws(PlumblineError) -> [Int] {
        var drives: Set<StorageSpec> = []
        for cell in suite.cells {
            let storage = try CellDescription(cell).workload.storage
            if let storage, storage.backing == .guestDrive { drives.insert(storage) }
        }
        return drives.map(\.deviceSize).sorted()
    }

    private func size(_ text: String, _ option: String) throws(PlumblineError) -> Int {
        // A bare number is bytes: no guest has so few.
        guard let size = ByteSize(text), size.bytes >= 1 << 20 else {
            throw .invalid(
                text, for: option, allowed: "1m or more, such as 512m or 2g", unit: "m")
        }
        return size.bytes
    }

    /// Pins the virtual CPUs, and keeps QEMU's other threads off their CPUs if any are left.
    private func pin(_ plan: inout GuestPlan, to list: String) throws(PlumblineError) {
        let allowed = (try? CPUSet.allowed()) ?? CPUSet()
        for text in list.split(separator: ",", omittingEmptySubsequences: false) {
            guard let cpu = Int(text), allowed.contains(cpu) else {
                throw .usage(
                    "invalid CPU '\(text)' for --pin (allowed on this machine: \(allowed))")
            }
            plan.pins.append(cpu)
        }
        let rest = CPUSet(allowed.cpus.filter { !plan.pins.contains($0) })
        if !rest.isEmpty { plan.emulatorCPUs = rest }
    }
}
