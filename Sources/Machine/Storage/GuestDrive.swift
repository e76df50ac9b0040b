// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// The virtio-blk drives that a guest was given to be written.
enum GuestDrive {
    /// What their serial numbers begin with; no drive of a machine's own has such a one.
    static let serialPrefix = "plumbline"

    /// The drives' names.
    static func names(in tree: SystemTree = .live) -> [String] {
        tree.list("/sys/block").filter { name in
            name.hasPrefix("vd")
                && (tree.read("/sys/block/\(name)/serial") ?? "").hasPrefix(serialPrefix)
        }
    }

    /// A drive of at least this size that nothing uses.
    ///
    /// - Throws: `failure` without one.
    static func take(size: Int) throws(PlumblineError) -> String {
        let (path, largest) = try BlockDevice.free(among: names(), size: size)
        if let path { return path }
        throw .failure(
            largest == 0
                ? "this machine was given no drive to be written"
                : "no free drive of \(ByteSize(size).approximate): the largest has "
                    + "\(ByteSize(largest).approximate)",
            remedy: "storage virtio is for guests, whose kernels need CONFIG_VIRTIO_BLK: "
                + "see plumbline run --help on --kernel and --drive")
    }
}
