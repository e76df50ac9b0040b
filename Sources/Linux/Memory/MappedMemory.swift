// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// Page-aligned zeroed memory from `mmap(2)`, unmapped when the value's lifetime ends.
///
/// The value does not order access: threads that share `bytes` do.
public struct MappedMemory: ~Copyable, @unchecked Sendable {
    /// The bytes of the smallest page of the machines that this tool runs on.
    public static let pageSize = 4096

    /// The memory; valid while this value lives.
    public let bytes: UnsafeMutableRawBufferPointer

    /// Maps anonymous memory with `mmap(2)`.
    ///
    /// - Parameters:
    ///   - bytes: the length; the kernel rounds it up to whole pages.
    ///   - shared: stays common to parent and child after `fork(2)`.
    /// - Throws: `invalidArgument` for a length of 0, `noMemory`.
    public init(bytes: Int, shared: Bool = false) throws(Errno) {
        var address: UnsafeMutableRawPointer?
        try checked(cshims_map(UInt64(bytes), shared, &address))
        self.bytes = UnsafeMutableRawBufferPointer(start: address, count: bytes)
    }

    deinit { _ = cshims_unmap(bytes.baseAddress, UInt64(bytes.count)) }

    /// Sets all bytes to 0, which also maps each page.
    public borrowing func clear() {
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }

    /// Writes to every page, so that each is there before it is measured; keeps the contents.
    public borrowing func touch() {
        for offset in stride(from: 0, to: bytes.count, by: Self.pageSize) {
            guard let page = bytes.baseAddress?.advanced(by: offset) else { return }
            // Adding 0 is a write that no compiler leaves out; the mapping ends with a page.
            _ = cshims_add(page.assumingMemoryBound(to: UInt32.self), 0)
        }
    }

    /// Has every access from `offset` on fail, the kernel's with `EFAULT`, by `mprotect(2)`.
    ///
    /// - Parameter offset: a multiple of the page's size, less than the length.
    public borrowing func forbid(from offset: Int) throws(Errno) {
        try checked(
            cshims_forbid(
                bytes.baseAddress?.advanced(by: offset), UInt64(bytes.count - offset)))
    }

    /// Keeps the pages in memory with `mlock(2)`.
    ///
    /// - Throws: `noMemory` or `notPermitted` past `RLIMIT_MEMLOCK`.
    public borrowing func lock() throws(Errno) {
        try checked(cshims_lock_memory(bytes.baseAddress, UInt64(bytes.count)))
    }
}
