// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux

/// A file system in memory whose size tests choose.
final class SmallDisk {
    let path: String
    private let scratch: Scratch

    /// Mounts one of a page, which is in use.
    init() throws {
        scratch = try Scratch()
        path = scratch.path + "/disk"
        try SystemFile.makeDirectory(path)
        try Mount.mount("plumbline-disk", on: path, type: "tmpfs", options: "size=4k")
        try Descriptor.open("\(path)/ballast", [.write, .create]).writeAll(
            [UInt8](repeating: 0, count: 4096))
    }

    deinit { try? Mount.unmount(path) }

    /// Gives it so many pages in all.
    func resize(pages: Int) throws {
        _ = try Command.run(["mount", "-o", "remount,size=\(pages * 4)k", path])
    }
}
