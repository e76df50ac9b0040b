// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A kind of storage: its name in settings and how it is prepared.
///
/// To add one, write one file with one type that conforms, and one line in `StorageSpec.kinds`.
protocol StorageKind: Sendable {
    /// The word before the colon, such as `zram`.
    static var name: String { get }
    /// The texts after the colon, for help; an empty one stands for no colon.
    static var arguments: [String] { get }
    /// Whether a text after the colon is allowed; nil stands for no colon.
    static func accepts(_ argument: String?) -> Bool

    /// Makes the storage and records each change.
    ///
    /// - Throws: `usage` for a directory or device that is not suitable, or for more memory than
    ///   is available; `failure` when the machine lacks or refuses something.
    static func prepare(
        _ spec: StorageSpec, changes: ChangeStack
    ) throws(PlumblineError) -> PreparedStorage
}

extension StorageKind {
    static func accepts(_ argument: String?) -> Bool {
        argument.map { !$0.isEmpty && arguments.contains($0) } ?? true
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
}

extension DeviceStorage {
    static var takesMemory: Bool { true }
    static var arguments: [String] { [""] + FileSystem.allCases.map(\.rawValue) }

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
