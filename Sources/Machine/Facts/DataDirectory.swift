// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// The directory for files when the user gives none.
public enum DataDirectory {
    /// `$TMPDIR`, else the current directory.
    public static var standard: String { StateDirectory.environment("TMPDIR") ?? "." }

    /// The absolute path (realpath(3)), as the undo log needs it; unchanged when it does not exist.
    public static func absolute(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
