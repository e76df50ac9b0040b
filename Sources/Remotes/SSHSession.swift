// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import Machine
import Synchronization

/// What a program on a remote machine said, and how it ended.
package struct SSHAnswer: Sendable, Equatable {
    /// Its standard output, bad UTF-8 repaired.
    package var output: String
    /// Its standard error, bad UTF-8 repaired.
    package var errors: String
    /// Its exit code.
    package var code: Int32

    /// Whether it exited with 0.
    package var succeeded: Bool { code == 0 }
}

/// A connection to a machine by the system's OpenSSH client, with the user's configuration: one
/// master, which all programs there share.
///
/// The master's own session reads from this process until it ends, so that the connection does not
/// outlive this process, even one that is killed. The control socket is in the state directory,
/// which only this user can enter.
package final class SSHSession: Sendable {
    /// The machine.
    package let address: SSHAddress

    private struct Master: Sendable {
        var process: HeldProcess
        var socket: String
    }

    private let program: String
    private let configuration: String?
    private let isInterrupted: @Sendable () -> Bool
    private let master = Mutex<Master?>(nil)
    /// The machines that this process tried to reach with its terminal.
    private static let tried = Mutex<Set<SSHAddress>>([])

    /// A session that is not connected yet.
    ///
    /// - Parameters:
    ///   - configuration: a file that ssh reads in place of the user's configuration (`ssh -F`).
    ///   - isInterrupted: whether a signal came that ends what waits here.
    /// - Throws: `failure` when ssh is not installed; `usage` without the file.
    package init(
        _ address: SSHAddress, configuration: String? = nil,
        isInterrupted: @escaping @Sendable () -> Bool = { false }
    ) throws(PlumblineError) {
        if let configuration, !SystemFile.exists(configuration) {
            throw .usage("--ssh-config \(configuration): there is no such file")
        }
        self.address = address
        self.configuration = configuration
        self.isInterrupted = isInterrupted
        program = try ProgramRun.find("ssh", package: "openssh-client")
        // A program that ends while it is written to is an error, and not the end of this process.
        _ = signal(SIGPIPE, SIG_IGN)
    }

    /// Whether there is a connection, as far as ssh knows: it notices within 15 s that the machine
    /// does not answer.
    package var isConnected: Bool { master.withLock { $0 }?.process.isEnded == false }

    /// Connects, unless there is a connection; a lost one is replaced.
    ///
    /// The first attempt of this process to reach the machine lends the terminal to ssh, which may
    /// ask for a password. Later ones do not: Ctrl-C would reach ssh and not this process.
    ///
    /// - Throws: `failure` with ssh's own last line, `interrupted`.
    package func connect() async throws(PlumblineError) {
        if isConnected { return }
        await close()
        let directory = try Self.directory()
        let name = String(UInt64.random(in: 0 ... .max), radix: 36)
        let socket = "\(directory)/ssh-\(ChildProcess.currentID)-\(name)"
        let word = "plumbline-\(name)"
        let mayAsk = Terminal.isOurs && Self.tried.withLock { $0.insert(address).inserted }
        let settings = [
            "ControlMaster=yes", "ControlPersist=no", mayAsk ? "BatchMode=no" : "BatchMode=yes",
            "ConnectTimeout=15", "ServerAliveInterval=4", "ServerAliveCountMax=3",
        ]
        let there = ShellWord.line(["sh", "-c", "echo \"$0\" && exec cat >/dev/null", word])
        let arguments =
            options(socket) + settings.flatMap { ["-o", $0] } + address.words + [there]
        VerboseLog.say("run \(ShellWord.line([program] + arguments))")
        let process = HeldProcess(program, arguments)
        let terminal = mayAsk ? Terminal(lentTo: process) : nil
        defer { terminal?.takeBack() }
        do throws(PlumblineError) {
            let limit = Duration.seconds(mayAsk ? 120 : 40)
            let awaited = try await process.line(limit: limit, isInterrupted: isInterrupted) {
                $0.hasSuffix(word)
            }
            guard case .line = awaited else {
                // Ctrl-C, while ssh had the terminal.
                if process.signal == SIGINT { throw PlumblineError(.interrupted, "interrupted") }
                throw failure(process, awaited == .late ? "no answer within \(limit)" : nil)
            }
            master.withLock { $0 = Master(process: process, socket: socket) }
        } catch {
            await process.end(within: .zero)
            try? SystemFile.unlink(socket)
            throw error
        }
    }

    /// Runs a program there to its end.
    ///
    /// - Parameters:
    ///   - words: the program and its arguments, each as it is: no shell reads them.
    ///   - input: its whole standard input.
    ///   - limit: the longest time it may take.
    /// - Throws: `failure` when the connection is lost or the time is over; `interrupted`.
    package func run(
        _ words: [String], input: [UInt8] = [], limit: Duration
    ) async throws(PlumblineError) -> SSHAnswer {
        let (executable, arguments) = command(words)
        VerboseLog.say("run on \(address.machine): \(ShellWord.line(words))")
        let result = try await ProgramRun.run(
            executable, arguments, input: input, limit: limit, isInterrupted: isInterrupted)
        guard !result.isLate else {
            throw .failure(
                "\(address.machine): '\(words[0])' gave no answer within \(limit)",
                remedy: "see whether `\(byHand)` works")
        }
        let answer = SSHAnswer(
            output: String(decoding: result.output, as: UTF8.self),
            errors: String(decoding: result.errors, as: UTF8.self), code: result.code)
        // ssh's own errors have this code, and it may be the program's.
        if answer.code == Self.lost {
            try? await Task.sleep(for: .milliseconds(200))
            if !isConnected { throw loss }
        }
        return answer
    }

    /// The command line of this machine that runs a program there, with its standard streams.
    ///
    /// - Parameter words: the program and its arguments, each as it is: no shell reads them.
    package func command(_ words: [String]) -> (executable: String, arguments: [String]) {
        let socket = master.withLock { $0?.socket } ?? "/dev/null/none"
        // Without its master, ssh would connect anew, and answer for another connection.
        let alone = ["-o", "ControlMaster=no", "-o", "ProxyCommand=false"]
        return (program, options(socket) + alone + address.words + [ShellWord.line(words)])
    }

    /// Ends the connection; doing it twice does no harm.
    package func close() async {
        guard let old = master.withLock({ $0.take() }) else { return }
        VerboseLog.say("end the connection to \(address.machine)")
        await old.process.end(within: .seconds(3))
        try? SystemFile.unlink(old.socket)
    }

    /// The error for a connection that ended or that is silent, with ssh's own last line.
    package var loss: PlumblineError {
        let why = master.withLock { $0?.process }.flatMap(Self.why).map { ": \($0)" } ?? ""
        return .failure(
            "the connection to \(address.machine) is lost\(why)",
            remedy: "see whether `\(byHand)` works; --resume goes on with the journal")
    }

    private static func why(_ process: HeldProcess) -> String? {
        guard process.isEnded else { return "the machine does not answer" }
        if let signal = process.signal { return "ssh was killed by signal \(signal)" }
        return process.errors.last { !$0.isEmpty && !$0.hasPrefix("Warning: ") }
    }

    /// How a user tries the connection.
    package var byHand: String {
        var words = ["ssh"]
        if let configuration { words += ["-F", configuration] }
        if let port = address.port { words += ["-p", "\(port)"] }
        words.append((address.user.map { "\($0)@" } ?? "") + address.host)
        return ShellWord.line(words + ["true"])
    }

    /// The code of ssh's own errors: ssh(1), EXIT STATUS.
    private static let lost: Int32 = 255

    private func failure(_ process: HeldProcess, _ why: String?) -> PlumblineError {
        let said = process.errors.last { !$0.isEmpty } ?? "ssh said nothing"
        return .failure(
            "cannot connect to \(address.machine): \(why ?? said)",
            remedy: "`\(byHand)` must work without a question; see it with -v")
    }

    /// What every call of ssh has: it forwards nothing, runs nothing on this machine, and finds the
    /// master by its socket.
    private func options(_ socket: String) -> [String] {
        (configuration.map { ["-F", $0] } ?? []) + [
            "-T", "-a", "-x", "-o", "LogLevel=INFO", "-o", "ClearAllForwardings=yes",
            "-o", "PermitLocalCommand=no", "-o", "RemoteCommand=none",
            "-o", "ControlPath=\(socket.replacing("%", with: "%%"))",
        ]
    }

    /// The longest path of a directory for sockets: a socket's path has 107 bytes at most, of which
    /// ssh needs 17 for a name that it renames.
    private static let longest = 48

    private static func directory() throws(PlumblineError) -> String {
        let short = StateDirectory.path(user: ChildProcess.userID, runtimeDirectory: nil)
        let path = StateDirectory.path.utf8.count <= longest ? StateDirectory.path : short
        try StateDirectory.prepare(path)
        return path
    }
}
