// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// The virtio-blk drives of a guest that may be written to.
enum VirtioStorage: DeviceStorage {
    static let takesMemory = false
    /// The start of their serial numbers; no other drive of a machine has it.
    static let serialPrefix = "plumbline"

    static func plannedDevice(_ spec: StorageSpec, in tree: SystemTree) -> [PlannedChange] {
        [PlannedChange("write to a free drive of the guest")]
    }

    /// Takes a free drive that is large enough.
    static func makeDevice(
        _ spec: StorageSpec, changes: ChangeStack
    ) throws(PlumblineError) -> String {
        let tree = SystemTree.live
        let names = tree.list("/sys/block").filter { name in
            name.hasPrefix("vd")
                && (tree.read("/sys/block/\(name)/serial") ?? "").hasPrefix(serialPrefix)
        }
        return try BlockDevice.free(
            among: names, size: spec.deviceSize, none: "this machine has no drive to write to",
            remedy: "storage=virtio is for guests, whose kernels need CONFIG_VIRTIO_BLK: "
                + "see plumbline run --help on --kernel and --drive")
    }
}
