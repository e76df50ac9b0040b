// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// The process's standard output.
public enum StandardOutput {
    /// Writes all of these bytes.
    ///
    /// - Throws: `failure` when nobody reads them.
    public static func write(_ bytes: [UInt8]) throws(PlumblineError) {
        do {
            try bytes.withUnsafeBytes { try RawStream.writeAll($0, to: 1) }
        } catch {
            throw .failure("stdout: \(error)")
        }
    }
}

/// The process's standard error.
public enum StandardError {
    /// Writes a line; nobody is told when that fails.
    public static func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        try? bytes.withUnsafeBytes { try RawStream.writeAll($0, to: 2) }
    }
}
