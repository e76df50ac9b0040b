// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// Mounting file systems (`mount(2)`); needs root.
public enum Mount {
    /// Mounts `source` on the directory `target` with `mount(2)`.
    ///
    /// - Parameter options: the file system's own, such as "size=64m".
    /// - Throws: `notPermitted` without the capability, `ENODEV` for a type the kernel lacks,
    ///   `notBlockDevice` or `invalidArgument` for a source that does not hold that type.
    public static func mount(
        _ source: String, on target: String, type: String, options: String = ""
    ) throws(Errno) {
        try checked(cshims_mount(source, target, type, options))
    }

    /// Unmounts what is mounted last on `target`, with `umount2(2)`.
    ///
    /// - Throws: `resourceBusy` while a file is open there, `invalidArgument` when it is no mount.
    public static func unmount(_ target: String) throws(Errno) {
        try checked(cshims_unmount(target))
    }
}
