// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// One finished operation of a `Ring`: its `user_data`, and bytes or a negative `errno`.
public typealias Completion = cshims_completion

/// One operation for a `Ring` (`struct io_uring_sqe`).
public typealias Submission = cshims_submission

/// An `io_uring(7)` instance, used by the thread that made it.
public struct Ring: ~Copyable {
    /// How `io_uring_setup(2)` makes the ring.
    public struct Flags: OptionSet, Sendable, Hashable {
        /// The bits that the shim understands.
        public let rawValue: UInt32

        /// Takes bits as the shim defines them.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        private init(_ bit: Int) { rawValue = UInt32(bit) }

        /// One thread submits (`IORING_SETUP_SINGLE_ISSUER`, Linux 6.0).
        public static let singleIssuer = Flags(CSHIMS_RING_SINGLE_ISSUER)
        /// Completions do not interrupt the thread (`IORING_SETUP_COOP_TASKRUN`, Linux 5.19).
        public static let coopTaskrun = Flags(CSHIMS_RING_COOP_TASKRUN)
        /// Completions are posted when asked for (`IORING_SETUP_DEFER_TASKRUN`, Linux 6.1).
        public static let deferTaskrun = Flags(CSHIMS_RING_DEFER_TASKRUN)
        /// Direct I/O is polled for rather than waited for (`IORING_SETUP_IOPOLL`).
        public static let ioPoll = Flags(CSHIMS_RING_IOPOLL)
        /// A kernel thread submits (`IORING_SETUP_SQPOLL`).
        public static let sqPoll = Flags(CSHIMS_RING_SQPOLL)
        /// The cheapest flags for one thread that waits for its own completions.
        public static let preferred: Flags = [.deferTaskrun, .singleIssuer, .coopTaskrun]
    }

    /// The arguments of `io_uring_setup(2)`.
    public struct Options: Sendable, Hashable {
        /// Submission entries; the kernel rounds up to a power of two.
        public var entries: UInt32
        /// How the ring works.
        public var flags: Flags
        /// Milliseconds without work after which the `sqPoll` thread sleeps.
        public var sqPollIdleMilliseconds: UInt32
        /// The CPU of the `sqPoll` thread; nil for any.
        public var sqPollCPU: Int?

        /// Describes a ring; without `sqPoll` the last two do not matter.
        public init(
            entries: UInt32, flags: Flags = [], sqPollIdleMilliseconds: UInt32 = 1000,
            sqPollCPU: Int? = nil
        ) {
            self.entries = entries
            self.flags = flags
            self.sqPollIdleMilliseconds = sqPollIdleMilliseconds
            self.sqPollCPU = sqPollCPU
        }
    }

    /// The file that an operation is on.
    public enum File: Sendable, Hashable {
        /// A descriptor of this process.
        case descriptor(CInt)
        /// An index into the files given to `registerFiles`.
        case registered(Int)
    }

    /// The flags that the ring was made with.
    public let flags: Flags

    @usableFromInline let handle: UnsafeMutablePointer<cshims_ring>

    /// Makes a ring with `io_uring_setup(2)`, its flags as they are.
    ///
    /// - Throws: `invalidArgument` for a flag the kernel lacks or refuses in company,
    ///   `notPermitted` or `noFunction` where io_uring is switched off.
    public init(_ options: Options) throws(Errno) {
        var made: UnsafeMutablePointer<cshims_ring>?
        let cpu = options.sqPollCPU.map { Int32(clamping: $0) } ?? -1
        try checked(
            cshims_ring_create(
                options.entries, options.flags.rawValue, options.sqPollIdleMilliseconds, cpu,
                &made))
        guard let made else { throw .noMemory }
        handle = made
        flags = options.flags
    }

    deinit { cshims_ring_destroy(handle) }

    /// Makes a ring, dropping one after the other the flags that the kernel refuses.
    ///
    /// `deferTaskrun` goes first, then `singleIssuer`, then `coopTaskrun`; `ioPoll` and `sqPoll`
    /// never, as they change what is measured. `flags` tells what was granted.
    ///
    /// - Throws: what `io_uring_setup(2)` said last.
    public static func create(
        entries: UInt32, wanted: Flags = .preferred, sqPollIdleMilliseconds: UInt32 = 1000,
        sqPollCPU: Int? = nil
    ) throws(Errno) -> Ring {
        var options = Options(
            entries: entries, flags: wanted, sqPollIdleMilliseconds: sqPollIdleMilliseconds,
            sqPollCPU: sqPollCPU)
        for dropped in [Flags.deferTaskrun, .singleIssuer, .coopTaskrun] {
            do {
                return try Ring(options)
            } catch .invalidArgument {
                options.flags.remove(dropped)
            }
        }
        return try Ring(options)
    }
}
