// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// Has the n-th allocation from now on fail in the calling thread (`/proc/thread-self/fail-nth`).
package struct FailNth: ~Copyable {
    private static let path = "/proc/thread-self/fail-nth"
    private static let attributes = "/sys/kernel/debug"

    private let file: Descriptor
    private let zero: [UInt8] = Array("0".utf8)

    /// For the calling thread.
    package init() throws(Errno) { file = try Descriptor.open(Self.path, .readWrite) }

    /// Refuses a kernel that cannot, or that spares the allocations that matter.
    ///
    /// - Throws: `failure` with the remedy.
    package static func require() throws(PlumblineError) {
        guard SystemFile.exists(path) else {
            throw .failure(
                "fault: this kernel cannot fail an allocation on demand "
                    + "(CONFIG_FAULT_INJECTION, CONFIG_FAILSLAB, CONFIG_FAIL_PAGE_ALLOC)",
                remedy: "run it in a guest of a debug kernel: --kernel 6.12+debug")
        }
        for place in ["failslab/ignore-gfp-wait", "fail_page_alloc/ignore-gfp-wait"] {
            let value = try? SystemFile.read("\(attributes)/\(place)").prefix(1)
            guard value == "N" else {
                throw .failure(
                    "fault: this kernel spares allocations that may wait "
                        + "(\(attributes)/\(place) is \(value ?? "not there"))",
                    remedy: "run it in a guest, which sets this when it boots")
            }
        }
    }

    /// The n-th allocation from now on is to fail.
    package func arm(_ n: Int) throws(Errno) { try file.writeAll("\(n)") }

    /// Spares all allocations again.
    ///
    /// - Returns: whether one was made to fail since `arm`.
    package func disarm() throws(Errno) -> Bool {
        var digit: UInt8 = 0
        let count = try withUnsafeMutableBytes(of: &digit) { bytes throws(Errno) in
            try file.read(into: bytes, at: 0)
        }
        // What is left to count down: "0" once it has happened.
        if count == 1, digit == UInt8(ascii: "0") { return true }
        try file.writeAll(zero)
        return false
    }
}
