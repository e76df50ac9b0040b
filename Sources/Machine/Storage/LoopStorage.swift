// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// A loop device (loop(4)) over a file on a new tmpfs.
enum LoopStorage: DeviceStorage {
    static func makeDevice(
        _ spec: StorageSpec, changes: ChangeStack
    ) throws(PlumblineError) -> String {
        if !SystemFile.exists("/dev/loop-control") {
            try KernelModule.load("loop", pulse: changes.pulse)
        }
        let size = spec.deviceSize
        // More than the file, or tmpfs has no room for its last page.
        let directory = try changes.mount(
            "plumbline", type: "tmpfs", options: "size=\(size + (1 << 20)),mode=0700",
            purpose: "tmpfs")
        let backing = "\(directory)/loop"
        var number: Int32 = -1
        try changes.make(
            .detachLoop(backing: backing),
            failure: "cannot set up a loop device over \(backing)",
            remedy: "run as root, on a kernel with CONFIG_BLK_DEV_LOOP"
        ) { () throws(Errno) in
            let file = try Descriptor.open(backing, [.readWrite, .create], mode: 0o600)
            try file.truncate(to: size)
            number = try LoopDevice.attach(backing: file)
        }
        try BlockDevice.await("/dev/loop\(number)", pulse: changes.pulse)
        return "/dev/loop\(number)"
    }

    static func plannedDevice(_ spec: StorageSpec, in tree: SystemTree) -> [PlannedChange] {
        let size = ByteSize(spec.deviceSize)
        return (tree.exists("/dev/loop-control") ? [] : [KernelModule.plannedLoad("loop")])
            + ChangeStack.plannedMount("tmpfs", purpose: "tmpfs") + [
                PlannedChange(
                    "make a loop device over a file of \(size) there", undo: .detachLoop)
            ]
    }

    /// Detaches the loop device over a file.
    static func detach(backing: String, pulse: () -> Void = {}) -> UndoOutcome {
        let tree = SystemTree.live
        let number = tree.list("/sys/block").lazy.compactMap { name -> Int32? in
            guard name.hasPrefix("loop"),
                tree.read("/sys/block/\(name)/loop/backing_file")?.trimmed == backing
            else { return nil }
            return Int32(name.dropFirst(4))
        }.first
        guard let number else { return .alreadyGone }
        return Undo.outcome(pulse) { () throws(Errno) in try LoopDevice.detach(number) }
    }
}
