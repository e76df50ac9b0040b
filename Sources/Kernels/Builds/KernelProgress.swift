// SPDX-License-Identifier: GPL-3.0-or-later

/// What a build is doing.
package enum KernelProgress: Sendable, Equatable {
    /// A phase begins, such as `downloading linux-source-6.12`.
    case phase(String)
    /// An object is made.
    ///
    /// `total` is the number of the last such build; nil without one, and for a variant that reuses
    /// the objects of another.
    case object(String, done: Int, total: Int?, remaining: Duration?)
    /// A remark for the user that is not an error.
    case note(String)
}
