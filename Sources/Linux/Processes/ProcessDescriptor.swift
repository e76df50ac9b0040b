// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// A process by its descriptor (pidfd_open(2)), which no later process of the same id shares.
public struct ProcessDescriptor: ~Copyable {
    /// Which of two processes has ended.
    public struct Ended: Sendable, Equatable {
        /// The one that was asked.
        public let first: Bool
        /// The other one.
        public let second: Bool
    }

    private let descriptor: Descriptor

    /// The number that the kernel knows it by: readable once the process has ended.
    public var rawValue: CInt { descriptor.rawValue }

    /// Opens a descriptor of a process.
    ///
    /// - Throws: `noSuchProcess` when it is gone, `invalidArgument` for the id of a thread.
    public init(_ process: Int32) throws(Errno) {
        descriptor = Descriptor(owning: try checked(cshims_process_descriptor(process)))
    }

    /// Waits until this process or another one ends; neither when the time is over.
    ///
    /// - Throws: `interrupted` when a signal ends the wait.
    public borrowing func awaitEnd(
        or other: borrowing ProcessDescriptor, timeoutMilliseconds: Int
    ) throws(Errno) -> Ended {
        let ready = try checked(
            cshims_await_either(
                descriptor.rawValue, other.descriptor.rawValue,
                Int32(clamping: timeoutMilliseconds)))
        return Ended(first: ready & 1 != 0, second: ready & 2 != 0)
    }
}
