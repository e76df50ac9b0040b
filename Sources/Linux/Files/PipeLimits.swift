// SPDX-License-Identifier: GPL-3.0-or-later

import SystemPackage

/// What the system lets a user's pipes hold (`pipe(7)`), read from `/proc/sys/fs`.
public enum PipeLimits {
    /// The most bytes that an unprivileged `Pipe.setSize` may ask for (`pipe-max-size`).
    public static var maximumSize: Int {
        get throws(Errno) { try SystemFile.readInteger("/proc/sys/fs/pipe-max-size") }
    }

    /// Pages of a user's pipes past which a new pipe has one or two (`pipe-user-pages-soft`).
    ///
    /// 0 is no limit.
    public static var softPagesPerUser: Int {
        get throws(Errno) { try SystemFile.readInteger("/proc/sys/fs/pipe-user-pages-soft") }
    }

    /// Pages of a user's pipes past which none is made (`pipe-user-pages-hard`).
    ///
    /// 0 is no limit.
    public static var hardPagesPerUser: Int {
        get throws(Errno) { try SystemFile.readInteger("/proc/sys/fs/pipe-user-pages-hard") }
    }
}
