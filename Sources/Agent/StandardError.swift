// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// The process's standard error.
public enum StandardError {
    /// Writes a line and ignores errors.
    public static func say(_ line: String) {
        try? RawStream.writeAll(Array("\(line)\n".utf8), to: 2)
    }
}
