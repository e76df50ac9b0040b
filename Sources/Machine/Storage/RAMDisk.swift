// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// RAM disks of the brd driver (Documentation/admin-guide/blockdev/ramdisk.rst).
enum RAMDisk {
    /// The module's parameters for one disk of this many bytes.
    static func parameters(size: Int) -> [String] {
        ["rd_nr=1", "rd_size=\((size + 1023) >> 10)", "max_part=0"]
    }

    /// The RAM disks there are.
    static func names(in tree: SystemTree = .live) -> [String] {
        tree.list("/sys/block").filter { $0.hasPrefix("ram") && Int($0.dropFirst(3)) != nil }
    }

    /// A RAM disk of at least this size that nothing uses: one that is there, else one that the
    /// module makes.
    ///
    /// One that is built in keeps the memory of what was written until it is written again.
    ///
    /// - Throws: `failure` without brd, or when its disks are too small or all in use.
    static func take(size: Int, changes: ChangeStack) throws(PlumblineError) -> String {
        if names().isEmpty {
            try changes.make(.unloadModule(name: "brd")) { () throws(PlumblineError) in
                _ = try KernelModule.load("brd", parameters(size: size), pulse: changes.pulse)
            }
        }
        let remedy =
            "boot with brd.rd_size=\((size + 1023) >> 10) (KiB), or use a kernel with "
            + "CONFIG_BLK_DEV_RAM, or storage=zram"
        let (path, largest) = try BlockDevice.free(among: names(), size: size)
        if let path { return path }
        throw .failure(
            largest == 0
                ? "this kernel has no RAM disks (brd)"
                : "no free RAM disk of \(ByteSize(size)): the largest has \(ByteSize(largest))",
            remedy: remedy)
    }
}
