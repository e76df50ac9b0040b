// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// null_blk devices made through configfs (Documentation/block/null_blk.rst).
enum NullBlock {
    private static let configfs = "/sys/kernel/config"
    private static var directory: String { "\(configfs)/nullb" }

    /// How a request is completed: `irqmode` of the driver.
    enum Completion: Int, Sendable {
        /// In the submitter's context.
        case inline = 0
        /// In a softirq.
        case softirq = 1
        /// By a timer's hard interrupt.
        case timer = 2
    }

    /// What is written to a new device's files, in this order; `power` makes it appear.
    ///
    /// It keeps what is written, so that data can be verified.
    static func configuration(
        size: Int, completion: Completion
    ) -> [(file: String, value: String)] {
        [
            ("size", "\((size + (1 << 20) - 1) >> 20)"), ("blocksize", "512"),
            ("memory_backed", "1"), ("irqmode", "\(completion.rawValue)"), ("power", "1"),
        ]
    }

    /// Whether devices can be made now.
    static func isAvailable(in tree: SystemTree = .live) -> Bool { tree.exists(directory) }

    /// Makes a device and returns its path.
    ///
    /// - Throws: `failure` without null_blk, configfs or root.
    static func create(
        size: Int, completion: Completion = .inline, changes: ChangeStack
    ) throws(PlumblineError) -> String {
        try offer(changes)
        var number = 0
        while SystemFile.exists("\(directory)/\(name(number))") { number += 1 }
        let name = name(number)
        let path = "\(directory)/\(name)"
        try changes.make(.removeNullBlock(name: name)) { () throws(PlumblineError) in
            try attempting("cannot make a null_blk device", remedy: "run as root") {
                () throws(Errno) in
                try SystemFile.makeDirectory(path)
                for (file, value) in configuration(size: size, completion: completion) {
                    try SystemFile.write(value, to: "\(path)/\(file)")
                }
            }
        }
        // Linux 5.19 and later name the disk as the directory is named.
        if SystemFile.exists("/sys/block/\(name)") {
            try BlockDevice.await("/dev/\(name)", pulse: changes.pulse)
            return "/dev/\(name)"
        }
        let device = "/dev/nullb\((try? SystemFile.readInteger("\(path)/index")) ?? 0)"
        try BlockDevice.await(device, pulse: changes.pulse)
        return device
    }

    private static func name(_ number: Int) -> String {
        "plumbline-\(ChildProcess.currentID)" + (number > 0 ? "-\(number)" : "")
    }

    /// Loads the driver and mounts configfs where that is missing.
    private static func offer(_ changes: ChangeStack) throws(PlumblineError) {
        if isAvailable() { return }
        if !SystemFile.exists("/sys/module/null_blk") {
            try changes.make(.unloadModule(name: "null_blk")) { () throws(PlumblineError) in
                _ = try KernelModule.load("null_blk", ["nr_devices=0"], pulse: changes.pulse)
            }
        }
        if !isAvailable(), SystemFile.exists(configfs) {
            try changes.make(.unmount(path: configfs)) { () throws(PlumblineError) in
                try attempting("cannot mount configfs", remedy: "run as root") {
                    () throws(Errno) in
                    try Mount.mount("configfs", on: configfs, type: "configfs")
                }
            }
        }
        guard isAvailable() else {
            throw .failure(
                "this kernel has no null_blk with configfs",
                remedy: "use a kernel with CONFIG_BLK_DEV_NULL_BLK and CONFIG_CONFIGFS_FS")
        }
    }

    /// Takes a device away.
    static func remove(_ name: String, pulse: () -> Void = {}) -> UndoOutcome {
        let path = "\(directory)/\(name)"
        guard SystemFile.exists(path) else { return .alreadyGone }
        try? SystemFile.write("0", to: "\(path)/power")
        return Undo.outcome(pulse) { () throws(Errno) in try SystemFile.removeDirectory(path) }
    }
}
