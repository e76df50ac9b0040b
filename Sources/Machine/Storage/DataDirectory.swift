// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// Where files go that nobody gave a directory for.
public enum DataDirectory {
    /// `$TMPDIR`, else the current directory.
    public static var standard: String { StateDirectory.environment("TMPDIR") ?? "." }

    /// A path that holds from any directory (realpath(3)); unchanged when it does not exist.
    ///
    /// What goes into the ledger must be absolute: it is read from elsewhere.
    public static func absolute(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
