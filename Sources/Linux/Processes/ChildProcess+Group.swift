// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

extension ChildProcess {
    /// Starts a program that leads a process group of its own, in which its children are too.
    ///
    /// It is looked up in PATH and where programs of administration are. Its standard input is empty; its standard output and standard error go to `output`. The
    /// kernel kills it, but not its children, when the thread that started it ends. A program that
    /// cannot be executed exits with status 127.
    ///
    /// - Parameter setUp: runs in the child before the program does.
    /// - Throws: `resourceTemporarilyUnavailable` past the process limit, `noMemory`.
    public static func startGroup(
        _ arguments: [String], output: borrowing Descriptor,
        setUp: () throws(Errno) -> Void
    ) throws(Errno) -> ChildProcess {
        let raw = output.rawValue
        let child = try fork {
            do throws(Errno) {
                try leadGroup()
                try setUp()
                try checked(cshims_detach_streams(raw))
            } catch {
                return 127
            }
            for prefix in ["", "/usr/sbin/", "/sbin/"] {
                try? become([prefix + arguments[0]] + arguments.dropFirst())
            }
            return 127
        }
        // Whichever of the two is first; it fails once the program runs.
        _ = cshims_lead_group(child.id)
        return child
    }

    /// Sends a signal to the group that this process leads, with `kill(2)`.
    ///
    /// - Throws: `noSuchProcess` when none is left.
    public func killGroup(_ signal: Int32 = ChildProcess.killSignal) throws(Errno) {
        try checked(cshims_kill(-id, signal))
    }

    /// Has this process lead a group of its own, so that a signal to its parent's spares it.
    public static func leadGroup() throws(Errno) { try checked(cshims_lead_group(0)) }

    /// Lets this process go on when the thread that forked it ends.
    public static func outliveParent() throws(Errno) {
        try checked(cshims_die_with_parent(0))
    }
}
