// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// A child of this process, by its id; the code that starts it also waits for it, once.
public struct ChildProcess: Sendable, Hashable {
    /// How a process ended.
    public enum Exit: Sendable, Hashable {
        /// It called `exit` with this status, 0 to 255.
        case exited(Int32)
        /// This signal killed it.
        case signalled(Int32)

        init(shimStatus: Int32) {
            self = shimStatus < 256 ? .exited(shimStatus) : .signalled(shimStatus - 256)
        }
    }

    /// `SIGKILL`, which no process can catch.
    public static let killSignal: Int32 = 9
    /// `SIGINT`, which Ctrl-C sends.
    public static let interruptSignal: Int32 = 2
    /// `SIGTERM`, which asks a process to end.
    public static let terminateSignal: Int32 = 15
    /// `SIGSTOP`, which stops a process until `continueSignal` and which no process can catch.
    public static let stopSignal: Int32 = 19
    /// `SIGCONT`, which continues a stopped process.
    public static let continueSignal: Int32 = 18

    /// The process id.
    public let id: Int32

    /// A child that already runs.
    public init(id: Int32) { self.id = id }

    /// This process's own id, by `getpid(2)`.
    public static var currentID: Int32 { cshims_process_id() }

    /// The id of this process's parent, by `getppid(2)`.
    public static var parentID: Int32 { cshims_parent_id() }

    /// The effective user's id, by `geteuid(2)`; 0 is root.
    public static var userID: Int32 { cshims_user_id() }

    /// Runs `body` in a child made by `fork(2)`; its result is the child's exit status.
    ///
    /// The child has the calling thread only, ignores interrupts, and is killed when the thread
    /// that forked it ends. It ends by `_exit(2)`: nothing is flushed, and no `deinit` outside
    /// `body` runs.
    ///
    /// - Throws: `resourceTemporarilyUnavailable` past the process limit, `noMemory`.
    public static func fork(_ body: () -> Int32) throws(Errno) -> ChildProcess {
        let parent = cshims_process_id()
        let id = try checked(cshims_fork())
        if id > 0 { return ChildProcess(id: id) }
        _ = cshims_ignore_interrupts()
        _ = cshims_die_with_parent(killSignal)
        // The parent may have died before the line above; then no signal comes.
        if cshims_parent_id() != parent { cshims_exit_now(255) }
        cshims_exit_now(body())
    }

    /// Becomes another program, looked up in PATH, by `execvp(3)`; returns only by an error.
    ///
    /// - Throws: `noSuchFileOrDirectory` when there is no such program, `invalidArgument` without
    ///   arguments.
    public static func become(_ arguments: [String]) throws(Errno) -> Never {
        _ = try ArgumentVector.with(arguments) { (words) throws(Errno) in
            try checked(cshims_exec(words))
        }
        throw .invalidArgument
    }

    /// Waits for the end of any child, by `wait4(2)`.
    ///
    /// - Throws: `noChildProcess` when there is none, `interrupted` when a signal ends the wait.
    public static func waitForAny() throws(Errno) -> (child: ChildProcess, exit: Exit) {
        var status: Int32 = -1
        let ended = try checked(cshims_wait(-1, false, &status, nil))
        return (ChildProcess(id: Int32(ended)), Exit(shimStatus: status))
    }

    /// Waits for the child's end with `wait4(2)`.
    ///
    /// - Throws: `interrupted` when a signal ends the wait, `noChildProcess`.
    public func wait() throws(Errno) -> Exit {
        while true {
            if let exit = try wait(noHang: false) { return exit }
        }
    }

    /// Asks for the child's end with `wait4(2)`; nil when `noHang` and it still runs.
    ///
    /// - Throws: `interrupted` when a signal ends the wait, `noChildProcess`.
    public func wait(noHang: Bool) throws(Errno) -> Exit? {
        try waitWithUsage(noHang: noHang)?.exit
    }

    /// Asks for the child's end and its resource usage with `wait4(2)`.
    ///
    /// - Returns: nil when `noHang` and it still runs.
    /// - Throws: `interrupted` when a signal ends the wait, `noChildProcess`.
    public func waitWithUsage(
        noHang: Bool = false
    ) throws(Errno) -> (exit: Exit, usage: ResourceUsage)? {
        var status: Int32 = -1
        var usage = cshims_usage()
        let ended = try checked(cshims_wait(id, noHang, &status, &usage))
        guard ended > 0 else { return nil }
        return (Exit(shimStatus: status), ResourceUsage(usage))
    }

    /// Whether a signal stopped the child, or continued it, since this was asked last, by
    /// `waitid(2)`.
    public var wasStopped: Bool { cshims_was_stopped(id) > 0 }

    /// Ends this process at once by `_exit(2)`: nothing is flushed.
    public static func exitNow(_ status: Int32) -> Never { cshims_exit_now(status) }

    /// Sends a signal with `kill(2)`.
    ///
    /// - Throws: `noSuchProcess` when it has been waited for.
    public func kill(_ signal: Int32 = ChildProcess.killSignal) throws(Errno) {
        try checked(cshims_kill(id, signal))
    }

    /// Names the calling thread, up to 15 bytes, with `prctl(2)` `PR_SET_NAME`.
    public static func setCurrentName(_ name: String) throws(Errno) {
        try checked(cshims_set_name(name))
    }
}
