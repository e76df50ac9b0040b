// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// How this process handles `SIGINT`, `SIGTERM` and `SIGHUP`; `SIGPIPE` and
/// `SIGXFSZ` are always ignored.
public enum Interrupts {
    /// Lets the signals set `pending`, by `sigaction(2)`; forgets an earlier one.
    ///
    /// Without `SA_RESTART`, so that a sleep, a wait or a read ends with `interrupted`.
    public static func `catch`() throws(Errno) {
        try checked(cshims_catch_interrupts())
    }

    /// Ignores the signals, by `sigaction(2)`: for a worker that its parent ends.
    public static func ignore() throws(Errno) {
        try checked(cshims_ignore_interrupts())
    }

    /// The number of the last signal caught; nil for none.
    public static var pending: Int32? {
        let signal = cshims_interrupted()
        return signal == 0 ? nil : signal
    }
}
