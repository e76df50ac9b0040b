// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// null_blk devices made through configfs (Documentation/block/null_blk.rst).
enum NullBlockStorage: DeviceStorage {
    private static let configfs = "/sys/kernel/config"
    private static var directory: String { "\(configfs)/nullb" }

    /// Since Linux 5.17.
    private static let pollQueues = "poll_queues"

    /// The files of a new device and their values, in the order of writing; `power` makes it appear.
    ///
    /// The driver's `irqmode` 0 completes a request in the submitter's context, 1 in a softirq, 2 in
    /// the interrupt of a timer (an hrtimer each) after `completion_nsec`. The driver's own
    /// `hw_queue_depth` of 64 would leave half of 128 requests waiting in front of the device.
    /// With its queue for polling beside the other one, blk-mq completes `irqmode` 1 inline and not
    /// in a softirq (`blk_mq_complete_request_remote()` of block/blk-mq.c).
    static func configuration(_ spec: StorageSpec) -> [(file: String, value: String)] {
        let mebibytes = (spec.deviceSize + (1 << 20) - 1) >> 20
        var files: [(file: String, value: String)] = [
            ("size", "\(mebibytes)"), ("blocksize", "512"),
            ("memory_backed", spec.isMemoryBacked ? "1" : "0"), ("hw_queue_depth", "1024"),
            ("irqmode", "\(spec.interruptMode)"),
        ]
        if let delay = spec.completionDelay { files.append(("completion_nsec", "\(delay)")) }
        if spec.interruptMode == 1 { files.append((pollQueues, "0")) }
        return files + [("power", "1")]
    }

    /// Whether devices can be made now.
    static func isAvailable(in tree: SystemTree = .live) -> Bool { tree.exists(directory) }

    static func makeDevice(
        _ spec: StorageSpec, changes: ChangeStack
    ) throws(PlumblineError) -> String {
        try loadDriver(changes)
        let path = ChangeStack.newName("\(directory)/plumbline-\(ChildProcess.currentID)-")
        let name = String(path.dropFirst(directory.count + 1))
        try changes.make(
            .removeNullBlock(name: name), failure: "cannot make a null_blk device",
            remedy: "run as root"
        ) { () throws(Errno) in
            try SystemFile.makeDirectory(path)
            for (file, value) in configuration(spec)
            where file != pollQueues || SystemFile.exists("\(path)/\(file)") {
                try SystemFile.write(value, to: "\(path)/\(file)")
            }
        }
        // Since Linux 5.19 the disk has the directory's name.
        let index = (try? SystemFile.readInteger("\(path)/index")) ?? 0
        let device = SystemFile.exists("/sys/block/\(name)") ? name : "nullb\(index)"
        try BlockDevice.await("/dev/\(device)", pulse: changes.pulse)
        return "/dev/\(device)"
    }

    static func plannedDevice(_ spec: StorageSpec, in tree: SystemTree) -> [PlannedChange] {
        var changes: [PlannedChange] = []
        if !isAvailable(in: tree) {
            if !tree.exists("/sys/module/null_blk") {
                changes.append(
                    KernelModule.plannedLoad("null_blk", ["nr_devices=0"], undo: .unloadModule))
            }
            if !tree.exists(configfs) || tree.list(configfs).isEmpty {
                changes.append(PlannedChange("mount configfs on \(configfs)", undo: .unmount))
            }
        }
        let values = configuration(spec).map { "\($0.file)=\($0.value)" }.joined(separator: " ")
        let path = "\(directory)/plumbline-PID-N"
        return changes + [
            PlannedChange("make \(path) with \(values)", undo: .removeNullBlock)
        ]
    }

    /// Loads the driver and mounts configfs when they are missing.
    private static func loadDriver(_ changes: ChangeStack) throws(PlumblineError) {
        if isAvailable() { return }
        if !SystemFile.exists("/sys/module/null_blk") {
            try changes.make(.unloadModule(name: "null_blk")) { () throws(PlumblineError) in
                try KernelModule.load("null_blk", ["nr_devices=0"], pulse: changes.pulse)
            }
        }
        if !isAvailable(), SystemFile.exists(configfs) {
            try changes.make(
                .unmount(path: configfs), failure: "cannot mount configfs", remedy: "run as root"
            ) { () throws(Errno) in
                try Mount.mount("configfs", on: configfs, type: "configfs")
            }
        }
        guard isAvailable() else {
            throw .failure(
                "this kernel has no null_blk with configfs",
                remedy: "use a kernel with CONFIG_BLK_DEV_NULL_BLK and CONFIG_CONFIGFS_FS")
        }
    }

    /// Removes a device.
    static func remove(_ name: String, pulse: () -> Void = {}) -> UndoOutcome {
        let path = "\(directory)/\(name)"
        guard SystemFile.exists(path) else { return .alreadyGone }
        try? SystemFile.write("0", to: "\(path)/power")
        return Undo.outcome(pulse) { () throws(Errno) in try SystemFile.removeDirectory(path) }
    }
}
