// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials

/// Symbolic links of tests.
enum FileLink {
    static func make(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
    }

    static func isLink(_ path: String) -> Bool {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
    }
}
