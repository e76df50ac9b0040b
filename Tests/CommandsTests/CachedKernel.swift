// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// A kernel in a cache that tests make; it is none that boots.
enum CachedKernel {
    /// The first bytes of an ELF file for x86-64.
    static let image = "\u{7f}ELF\u{2}\u{1}" + String(repeating: "\0", count: 12) + ">\0"

    /// Puts a kernel of this name into the cache of a home directory.
    static func add(_ name: String, key: String, in home: String) throws {
        let directory = "\(home)/.cache/plumbline/kernels/\(key)"
        try SystemFile.makeDirectories(directory, mode: 0o700)
        for (file, text) in [("bzImage", image), ("entry.json", entry(key: key, name: name))] {
            try Descriptor.open("\(directory)/\(file)", [.write, .create]).writeAll(text)
        }
    }

    /// What the cache says of it.
    private static func entry(key: String, name: String) -> String {
        #"""
        {"schema":"plumbline.kernel/1","key":"\#(key)","name":"\#(name)","release":"6.13",\#
        "source":"s","isStandard":false,"patches":[],"configuration":"c","deviations":[],\#
        "absentOptions":[],"unfaithfulOptions":[],"toolchain":"t","imageBytes":20,"finished":1,\#
        "buildSeconds":1,"objects":1}
        """#
    }
}
