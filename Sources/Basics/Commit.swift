// SPDX-License-Identifier: GPL-3.0-or-later

/// A commit of a git repository.
public struct Commit: Sendable, Hashable, Codable {
    /// The whole hash, in hexadecimal.
    public let hash: String
    /// The first line of its message.
    public let subject: String

    /// A commit.
    public init(hash: String, subject: String) {
        self.hash = hash
        self.subject = subject
    }

    /// The first digits of the hash, as people read it.
    public var short: String { String(hash.prefix(12)) }
}

extension Commit: CustomStringConvertible {
    /// `0123456789ab pipe: allocate before the lock`.
    public var description: String { "\(short) \(subject)" }
}
