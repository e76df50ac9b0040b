// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

extension FileSystem {
    /// The Debian package with its mkfs.
    var package: String { self == .ext4 ? "e2fsprogs" : "xfsprogs" }

    /// The command line that makes the file system on a whole device.
    ///
    /// ext4 writes its tables now and not by a kernel thread during the measurement; neither
    /// discards a new device.
    func arguments(device: String) -> [String] {
        switch self {
        case .ext4:
            [
                "mkfs.ext4", "-q", "-F", "-m", "0", "-E",
                "lazy_itable_init=0,lazy_journal_init=0,nodiscard", device,
            ]
        case .xfs: ["mkfs.xfs", "-q", "-f", "-K", device]
        }
    }
}
