// SPDX-License-Identifier: GPL-3.0-or-later

import CShims

/// Events of `poll(2)`, requested or returned.
public struct PollEvents: OptionSet, Sendable {
    /// The bits of `poll(2)`.
    public let rawValue: Int32

    /// Takes bits as `poll(2)` defines them.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    private init(_ bit: Int) { rawValue = Int32(bit) }

    /// There is something to read (`POLLIN`).
    public static let input = PollEvents(CSHIMS_POLL_IN)
    /// A write would not block (`POLLOUT`).
    public static let output = PollEvents(CSHIMS_POLL_OUT)
    /// An error, such as a pipe without a reader (`POLLERR`); always returned.
    public static let error = PollEvents(CSHIMS_POLL_ERR)
    /// The other end is closed (`POLLHUP`); always returned.
    public static let hangUp = PollEvents(CSHIMS_POLL_HUP)
}
