// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// A loop device (loop(4)) over a file on a tmpfs of ours.
enum LoopStorage {
    /// Makes the tmpfs, the file and the device, and returns the device's path.
    ///
    /// - Throws: `failure` without loop devices or root.
    static func create(size: Int, changes: ChangeStack) throws(PlumblineError) -> String {
        if !SystemFile.exists("/dev/loop-control") {
            _ = try KernelModule.load("loop", pulse: changes.pulse)
        }
        // A page more than the file, or tmpfs could not hold its last one.
        let directory = try StorageSpec.mount(
            "plumbline", type: "tmpfs", options: "size=\(size + (1 << 20)),mode=0700",
            purpose: "tmpfs", changes: changes)
        let backing = "\(directory)/loop"
        var number: Int32 = -1
        try changes.make(.detachLoop(backing: backing)) { () throws(PlumblineError) in
            try attempting(
                "cannot set up a loop device over \(backing)",
                remedy: "run as root, on a kernel with CONFIG_BLK_DEV_LOOP"
            ) { () throws(Errno) in
                let file = try Descriptor.open(backing, [.readWrite, .create], mode: 0o600)
                try file.truncate(to: size)
                number = try LoopDevice.attach(backing: file)
            }
        }
        try BlockDevice.await("/dev/loop\(number)", pulse: changes.pulse)
        return "/dev/loop\(number)"
    }
}
