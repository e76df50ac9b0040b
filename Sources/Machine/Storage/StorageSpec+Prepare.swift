// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import SystemPackage

extension StorageSpec {
    /// Makes the storage; whatever goes wrong, nothing is left behind.
    ///
    /// - Parameter pulse: called every 50 ms at least by what takes a while, here and in removing.
    /// - Throws: `usage` for a directory or device that cannot serve, or more memory than can be
    ///   spared; `failure` for what the machine lacks or refuses, with the remedy.
    public func prepare(
        ledger: Ledger, pulse: @escaping () -> Void = {}
    ) throws(PlumblineError) -> PreparedStorage {
        let changes = ChangeStack(ledger, pulse: pulse)
        do {
            switch backing {
            case .directory: return try prepareDirectory(changes)
            case .device(let path): return try useDevice(path, changes)
            default: return try prepareOwnDevice(changes)
            }
        } catch {
            changes.undoAll()
            throw error
        }
    }

    /// Refuses to write to a device that is in use or partitioned, as `DestructiveGuard` has it.
    ///
    /// - Returns: what will be lost and is no reason to refuse.
    public static func guardDestructive(path: String) throws(PlumblineError) -> [String] {
        try DestructiveGuard.check(try BlockDevice(path: path))
    }

    private func prepareDirectory(_ changes: ChangeStack) throws(PlumblineError) -> PreparedStorage
    {
        let parent = DataDirectory.absolute(directory ?? DataDirectory.standard)
        let facts = try Self.inspect(directory: parent)
        guard facts.freeBytes > size else {
            throw .usage(
                "directory \(parent) has \(ByteSize(facts.freeBytes).approximate) free, and the "
                    + "files need \(ByteSize(size).approximate)",
                remedy: "lower size, or give another directory")
        }
        let path = Self.freeName("\(parent)/plumbline-\(ChildProcess.currentID)")
        try Self.makeDirectory(path, changes)
        return PreparedStorage(
            directory: path, device: nil, fileSystem: facts.name,
            facts: ["storage": text, "directory": parent, "filesystem": facts.name],
            changes: changes)
    }

    private static func inspect(
        directory: String
    ) throws(PlumblineError) -> FileSystemFacts {
        do {
            return try Descriptor.open(directory, .directory).filesystem()
        } catch .noSuchFileOrDirectory {
            throw .usage("directory \(directory) does not exist", remedy: "mkdir -p \(directory)")
        } catch .notDirectory {
            throw .usage("\(directory) is not a directory", remedy: "give a directory")
        } catch {
            throw .failure("cannot open directory \(directory): \(error)")
        }
    }

    private func useDevice(
        _ path: String, _ changes: ChangeStack
    ) throws(PlumblineError) -> PreparedStorage {
        try Self.requireBlockDevice(path)
        let device = try BlockDevice(path: path)
        guard device.size >= size else {
            throw .usage(
                "\(path) has \(ByteSize(device.size)), and the workload needs \(ByteSize(size))",
                remedy: "lower size, or give a larger device")
        }
        let warnings = writes ? try DestructiveGuard.check(device) : []
        do { try Descriptor.open(path).close() } catch {
            if error == .interrupted { throw PlumblineError(.interrupted, "interrupted") }
            throw .failure(
                "cannot open \(path): \(error)", remedy: DestructiveGuard.openingRemedy(error))
        }
        return PreparedStorage(
            directory: nil, device: path, fileSystem: "none",
            facts: ["storage": text, "device": path, "device_bytes": "\(device.size)"],
            warnings: warnings, changes: changes)
    }

    /// Refuses what is there and is no block device, which opening might not even reach.
    private static func requireBlockDevice(_ path: String) throws(PlumblineError) {
        var facts = stat()
        guard stat(path, &facts) == 0, facts.st_mode & S_IFMT != S_IFBLK else { return }
        throw .usage("\(path) is not a block device", remedy: "lsblk lists the block devices")
    }

    private func prepareOwnDevice(_ changes: ChangeStack) throws(PlumblineError) -> PreparedStorage
    {
        if backing != .guestDrive {
            try MemoryBudget.read().check(size, for: "storage \(text)", remedy: "lower size")
        }
        let (device, extra) = try makeDevice(changes)
        var facts = ["storage": text, "device": device, "device_bytes": "\(deviceSize)"]
        facts.merge(extra) { $1 }
        guard let fileSystem else {
            return PreparedStorage(
                directory: nil, device: device, fileSystem: "none", facts: facts, changes: changes)
        }
        let arguments = MakeFileSystem.arguments(fileSystem, device: device)
        try MakeFileSystem.run(arguments, package: fileSystem.package, pulse: changes.pulse)
        let directory = try Self.mount(
            device, type: fileSystem.rawValue, purpose: "storage", changes: changes)
        facts["mkfs"] = arguments.joined(separator: " ")
        facts["filesystem"] = fileSystem.rawValue
        return PreparedStorage(
            directory: directory, device: device, fileSystem: fileSystem.rawValue, facts: facts,
            changes: changes)
    }

    private func makeDevice(
        _ changes: ChangeStack
    ) throws(PlumblineError) -> (path: String, facts: [String: String]) {
        switch backing {
        case .zram:
            let number = try Zram.create(size: deviceSize, changes: changes)
            return (
                "/dev/zram\(number)", Zram.algorithm(number).map { ["compression": $0] } ?? [:]
            )
        case .loop:
            return (try LoopStorage.create(size: deviceSize, changes: changes), ["over": "tmpfs"])
        case .ramDisk: return (try RAMDisk.take(size: deviceSize, changes: changes), [:])
        case .nullBlock:
            let completion = NullBlock.Completion(rawValue: interruptMode) ?? .inline
            return (
                try NullBlock.create(size: deviceSize, completion: completion, changes: changes),
                ["irqmode": "\(completion.rawValue)"]
            )
        case .guestDrive: return (try GuestDrive.take(size: deviceSize), [:])
        case .directory, .device: preconditionFailure("no device of ours")
        }
    }
}

extension StorageSpec {
    /// Mounts something on a new directory in the state directory.
    ///
    /// - Returns: the directory.
    static func mount(
        _ source: String, type: String, options: String = "", purpose: String,
        changes: ChangeStack
    ) throws(PlumblineError) -> String {
        try StateDirectory.prepare(changes.ledger.directory)
        let path = freeName(
            "\(changes.ledger.directory)/plumbline-\(purpose)-\(ChildProcess.currentID)")
        try makeDirectory(path, changes)
        try changes.make(.unmount(path: path)) { () throws(PlumblineError) in
            try attempting(
                "cannot mount \(type) from \(source) on \(path)",
                remedy: "run as root, on a kernel that has \(type)"
            ) { () throws(Errno) in
                try Mount.mount(source, on: path, type: type, options: options)
            }
        }
        return path
    }

    /// A path that is not there yet: this one with a number.
    static func freeName(_ stem: String) -> String {
        var number = 0
        while SystemFile.exists("\(stem)-\(number)") { number += 1 }
        return "\(stem)-\(number)"
    }

    private static func makeDirectory(
        _ path: String, _ changes: ChangeStack
    ) throws(PlumblineError) {
        try changes.make(.removeDirectory(path: path)) { () throws(PlumblineError) in
            try attempting("cannot make the directory \(path)", remedy: "give a directory of yours")
            { () throws(Errno) in
                try SystemFile.makeDirectory(path, mode: 0o700)
            }
        }
    }
}
