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
        number = try Self.attach(backing: backing, blockBytes: blockBytes, directIO: directIO)
    }

    /// Sets up a device that belongs to no value, as `init` does; its number.
    public static func attach(
        backing: borrowing Descriptor, blockBytes: Int = 512, directIO: Bool = false
    ) throws(Errno) -> Int32 {
        // Another process can take the free device between the shim's two ioctls.
        for _ in 0..<8 {
            let answer = cshims_loop_attach(
                backing.rawValue, UInt32(clamping: blockBytes), directIO)
            if Errno(rawValue: -answer) == .resourceBusy { continue }
            return try checked(answer)
        }
        throw .resourceBusy
    }

    /// Detaches a device by its number.
    public static func detach(_ number: Int32) throws(Errno) {
        try checked(cshims_loop_detach(number))
    }

    deinit { _ = cshims_loop_detach(number) }

    /// Detaches the device now by `ioctl(2)` `LOOP_CLR_FD`.
    ///
    /// While something has it open, the kernel does so at the last close.
    public consuming func detach() throws(Errno) {
        let mine = number
        discard self
        try Self.detach(mine)
    }
}
