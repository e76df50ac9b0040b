// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// RAM disks of the brd driver (Documentation/admin-guide/blockdev/ramdisk.rst).
enum RAMDiskStorage: DeviceStorage {

    /// The module's parameters for one disk of this many bytes.
    static func parameters(size: Int) -> [String] {
        ["rd_nr=1", "rd_size=\((size + 1023) >> 10)", "max_part=0"]
    }

    /// The names of the RAM disks.
    static func names(in tree: SystemTree = .live) -> [String] {
        tree.list("/sys/block").filter { $0.hasPrefix("ram") && Int($0.dropFirst(3)) != nil }
    }

    static func plannedDevice(_ spec: StorageSpec, in tree: SystemTree) -> [PlannedChange] {
        let size = spec.deviceSize
        let disk = PlannedChange("write to a free RAM disk of at least \(ByteSize(size))")
        guard names(in: tree).isEmpty else { return [disk] }
        return [KernelModule.plannedLoad("brd", parameters(size: size), undo: .unloadModule), disk]
    }

    /// Takes a free RAM disk that is large enough, or loads the module to make one.
    ///
    /// A disk of a built-in driver keeps the memory of what was written to it.
    static func makeDevice(
        _ spec: StorageSpec, changes: ChangeStack
    ) throws(PlumblineError) -> String {
        let size = spec.deviceSize
        if names().isEmpty {
            try changes.make(.unloadModule(name: "brd")) { () throws(PlumblineError) in
                try KernelModule.load("brd", parameters(size: size), pulse: changes.pulse)
            }
        }
        return try BlockDevice.free(
            among: names(), size: size, none: "this kernel has no RAM disks (brd)",
            remedy: "boot with brd.rd_size=\((size + 1023) >> 10) (KiB), or use a kernel with "
                + "CONFIG_BLK_DEV_RAM, or storage=zram")
    }
}
