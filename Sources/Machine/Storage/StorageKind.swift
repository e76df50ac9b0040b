// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// How a kind of storage is prepared.
///
/// To add one, write one file with one type that conforms, and a line in the catalogue below.
protocol StorageKind {
    /// Makes the storage and records each change.
    ///
    /// - Throws: `usage` for a directory or device that is not suitable, or for more memory than
    ///   is available; `failure` when the machine lacks or refuses something.
    static func prepare(
        _ spec: StorageSpec, changes: ChangeStack
    ) throws(PlumblineError) -> PreparedStorage

    /// The changes that `prepare` would make, in its order.
    static func plannedChanges(_ spec: StorageSpec, in tree: SystemTree) -> [PlannedChange]
}

extension StorageSpec.Backing {
    /// The catalogue.
    fileprivate var kind: any StorageKind.Type {
        switch self {
        case .directory: DirectoryStorage.self
        case .zram: Zram.self
        case .loop: LoopStorage.self
        case .ramDisk: RAMDiskStorage.self
        case .nullBlock: NullBlockStorage.self
        case .guestDrive: VirtioStorage.self
        case .device: GivenDeviceStorage.self
        }
    }
}

extension StorageSpec {
    /// Makes the storage; an error leaves nothing behind.
    ///
    /// - Parameter pulse: called at least every 50 ms, here and when the storage is removed.
    /// - Throws: `usage` for a directory or device that is not suitable, or for more memory than
    ///   is available; `failure` when the machine lacks or refuses something, with the remedy.
    public func prepare(
        undoLog: UndoLog, pulse: @escaping () -> Void = {}
    ) throws(PlumblineError) -> PreparedStorage {
        let changes = ChangeStack(undoLog, pulse: pulse)
        do {
            return try backing.kind.prepare(self, changes: changes)
        } catch {
            changes.undoAll()
            throw error
        }
    }
}

extension StorageSpec {
    /// The changes that `prepare` would make, in its order; nothing is done.
    public func plannedChanges(in tree: SystemTree = .live) -> [PlannedChange] {
        backing.kind.plannedChanges(self, in: tree)
    }
}

/// A kind of storage on a block device that Plumbline makes: raw, or with a new file system.
protocol DeviceStorage: StorageKind {
    /// Whether the device takes its size from the machine's memory.
    static var takesMemory: Bool { get }

    /// Makes a device of `spec.deviceSize` bytes.
    ///
    /// - Returns: its path.
    /// - Throws: `failure` with the missing option of the kernel, or without root.
    static func makeDevice(
        _ spec: StorageSpec, changes: ChangeStack
    ) throws(PlumblineError) -> String

    /// The changes that `makeDevice` would make, in its order.
    static func plannedDevice(_ spec: StorageSpec, in tree: SystemTree) -> [PlannedChange]
}

extension DeviceStorage {
    static var takesMemory: Bool { true }

    static func plannedChanges(_ spec: StorageSpec, in tree: SystemTree) -> [PlannedChange] {
        let device = plannedDevice(spec, in: tree)
        guard let fileSystem = spec.fileSystem else { return device }
        let make = fileSystem.arguments(device: "DEVICE").joined(separator: " ")
        return device + [PlannedChange("run \(make)")]
            + ChangeStack.plannedMount(fileSystem.rawValue, purpose: "storage")
    }

    static func prepare(
        _ spec: StorageSpec, changes: ChangeStack
    ) throws(PlumblineError) -> PreparedStorage {
        if takesMemory {
            try MemoryBudget.read().check(
                spec.size, for: "storage \(spec.text)", remedy: "lower size")
        }
        let device = try makeDevice(spec, changes: changes)
        guard let fileSystem = spec.fileSystem else {
            return PreparedStorage(device: device, changes: changes)
        }
        try HelperProgram.require(
            fileSystem.arguments(device: device), package: fileSystem.package,
            pulse: changes.pulse)
        return PreparedStorage(
            directory: try changes.mount(device, type: fileSystem.rawValue, purpose: "storage"),
            device: device, fileSystem: fileSystem.rawValue, changes: changes)
    }
}
