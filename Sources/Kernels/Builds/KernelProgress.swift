// SPDX-License-Identifier: GPL-3.0-or-later

/// What a build is at.
public enum KernelProgress: Sendable, Equatable {
    /// A new phase, in words: `downloading linux-source-6.12`.
    case phase(String)
    /// An object was made.
    ///
    /// `total` is what the last build of the kind took; nil where there was none, and for a
    /// variant that reuses another one's objects, which needs few.
    case object(kernel: String, done: Int, total: Int?, remaining: Duration?, current: String)
    /// Something the user should know that is no error.
    case note(String)
}
