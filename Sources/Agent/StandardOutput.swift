// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// The process's standard output.
public enum StandardOutput {
    /// Writes all bytes.
    ///
    /// - Throws: `failure` when the reader has closed its end.
    public static func write(_ bytes: [UInt8]) throws(PlumblineError) {
        do { try RawStream.writeAll(bytes, to: 1) } catch { throw .failure("stdout: \(error)") }
    }
}

/// The process's standard error.
public enum StandardError {
    /// Writes a line and ignores errors.
    public static func say(_ line: String) {
        try? RawStream.writeAll(Array("\(line)\n".utf8), to: 2)
    }
}
