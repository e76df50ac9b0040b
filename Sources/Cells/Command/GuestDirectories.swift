// SPDX-License-Identifier: GPL-3.0-or-later

/// Places in a guest that its first process and whoever makes its initramfs agree on.
package enum GuestDirectories {
    /// Where foreign programs run, and where files with a relative path are.
    package static let programs = "/program"
    /// The guest's PATH.
    package static let searchPath =
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}
