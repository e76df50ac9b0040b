// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Asks kmemleak for memory of the kernel's that nothing points to any more
/// (Documentation/dev-tools/kmemleak.rst).
package enum LeakScan {
    private static let path = "/sys/kernel/debug/kmemleak"
    /// What is younger is in nobody's list yet (`MSECS_MIN_AGE`).
    private static let age: UInt64 = 5_500_000_000

    /// Refuses a kernel without kmemleak.
    ///
    /// - Throws: `failure` with the remedy.
    package static func require() throws(PlumblineError) {
        guard SystemFile.exists(path) else {
            throw .failure(
                "fault: this kernel does not look for its leaks (CONFIG_DEBUG_KMEMLEAK)",
                remedy: "leave scan out, or run it in a guest of a debug kernel: "
                    + "--kernel 6.12+debug")
        }
    }

    /// Scans.
    ///
    /// - Throws: `failure` with the first report's lines.
    package static func check() throws(PlumblineError) {
        try? Clock.sleep(nanoseconds: age)
        do {
            // The first scan notes a new object's checksum: one that changes is in use.
            try SystemFile.write("scan", to: path)
            try SystemFile.write("scan", to: path)
            let report = try SystemFile.read(path)
            guard report.contains("unreferenced object") else { return }
            throw PlumblineError.failure(
                "the kernel leaked memory, as kmemleak reports:\n"
                    + report.split(separator: "\n").prefix(24).joined(separator: "\n"))
        } catch let error as PlumblineError {
            throw error
        } catch {
            throw .failure("\(path) cannot be asked: \(error)")
        }
    }
}
