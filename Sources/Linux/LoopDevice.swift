// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// A block device over a file (`loop(4)`), taken apart when the value's lifetime ends; needs root.
public struct LoopDevice: ~Copyable, Sendable {
    /// The N of `/dev/loopN`.
    public let number: Int32

    /// The device's path.
    public var path: String { "/dev/loop\(number)" }

    /// Sets up the first free device over `backing` with `ioctl(2)` `LOOP_CONFIGURE`.
    ///
    /// - Parameters:
    ///   - backing: the file; writable for a writable device.
    ///   - blockBytes: the logical block: 512, 1024, 2048 or 4096.
    ///   - directIO: past the page cache of the file; the kernel falls back where it cannot.
    /// - Throws: `permissionDenied` or `notPermitted` without root, `noSuchFileOrDirectory`
    ///   without the loop module, `invalidArgument` for a block size that cannot be.
    public init(
        backing: borrowing Descriptor, blockBytes: Int = 512, directIO: Bool = false
    ) throws(Errno) {
        let block = UInt32(clamping: blockBytes)
        // Another process can take the free device between the shim's two ioctls.
        for _ in 0..<8 {
            let answer = cshims_loop_attach(backing.rawValue, block, directIO)
            if Errno(rawValue: -answer) == .resourceBusy { continue }
            number = try checked(answer)
            return
        }
        throw .resourceBusy
    }

    deinit { _ = cshims_loop_detach(number) }

    /// Takes the device apart now and reports what `ioctl(2)` `LOOP_CLR_FD` says.
    ///
    /// While something has it open, the kernel does so at the last close.
    public consuming func detach() throws(Errno) {
        let mine = number
        discard self
        try checked(cshims_loop_detach(mine))
    }

    /// Gives the device up: it stays attached, and its number is the caller's to detach.
    public consuming func release() -> Int32 {
        let mine = number
        discard self
        return mine
    }

    /// Detaches the device of a number, with `ioctl(2)` `LOOP_CLR_FD`.
    public static func detach(_ number: Int32) throws(Errno) {
        try checked(cshims_loop_detach(number))
    }
}
