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
    /// - Returns: its path, and facts for the journal beside `storage`, `device` and its size.
    /// - Throws: `failure` with the missing option of the kernel, or without root.
    static func makeDevice(
        _ spec: StorageSpec, changes: ChangeStack
    ) throws(PlumblineError) -> (path: String, facts: [String: String])
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
        let (device, extra) = try makeDevice(spec, changes: changes)
        var facts = ["storage": spec.text, "device": device, "device_bytes": "\(spec.deviceSize)"]
        facts.merge(extra) { $1 }
        guard let fileSystem = spec.fileSystem else {
            return PreparedStorage(device: device, facts: facts, changes: changes)
        }
        let arguments = fileSystem.arguments(device: device)
        try HelperProgram.require(
            arguments, package: fileSystem.package, pulse: changes.pulse)
        let directory = try changes.mount(device, type: fileSystem.rawValue, purpose: "storage")
        facts["mkfs"] = arguments.joined(separator: " ")
        facts["filesystem"] = fileSystem.rawValue
        return PreparedStorage(
            directory: directory, device: device, fileSystem: fileSystem.rawValue, facts: facts,
            changes: changes)
    }
}
