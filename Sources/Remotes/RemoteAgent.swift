// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Synchronization

/// The agent on a machine that ssh reaches: copied there for as long as the connection lasts, and
/// removed with everything that it changed.
///
/// A holder there does the removing (see `RemoteInstall`), because this process cannot when it is
/// killed or the network is gone, and an agent cannot when it is killed.
package final class RemoteAgent: AgentRoute {
    /// How the agent is put there.
    package struct Options: Sendable {
        /// Whether its file stays in the user's cache there, for the next run.
        package var keepsAgent = false
        /// Whether it runs as root, by `sudo -n`.
        package var usesSudo = false
        /// Whether perf counters watch its workers.
        package var counts = false

        /// The file is removed, and the agent runs as the login user.
        package init() {}
    }

    /// A holder that runs there.
    struct Hold: Sendable {
        var process: HeldProcess
        /// The agent's path there.
        var path: String
        /// Writes to the holder now and then.
        var beats: Task<Void, Never>
    }

    private struct State: Sendable {
        var hold: Hold?
        /// Whether the machine did not answer although there seemed to be a connection.
        var isSilent = false
        /// Whether the agent's file or its holder is gone.
        var isSpoiled = false
        /// Whether there was a connection before.
        var wasConnected = false
        /// Paths there of agents before this one: those of a lost connection may run yet.
        var left: [String] = []
    }

    /// The connection.
    package let session: SSHSession
    let agent: String
    let options: Options
    let isInterrupted: @Sendable () -> Bool
    private let note: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// An agent that is not there yet.
    ///
    /// - Parameters:
    ///   - path: the agent's file on this machine, which needs no library there.
    ///   - note: is called with what a user should know.
    package init(
        _ session: SSHSession, agent path: String, options: Options = Options(),
        isInterrupted: @escaping @Sendable () -> Bool,
        note: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.session = session
        agent = path
        self.options = options
        self.isInterrupted = isInterrupted
        self.note = note
    }

    /// The machine's address without the user.
    package var machine: String { session.address.machine }

    /// Connects and puts the agent there, unless that is done; a lost connection is replaced.
    ///
    /// - Parameter attempts: how often it is put there when the connection is lost meanwhile.
    /// - Throws: `failure` when the machine does not answer, is none that the agent runs on, or has
    ///   no place for it; `interrupted`.
    package func prepare(attempts: Int = 3) async throws(PlumblineError) {
        let isHeld = state.withLock {
            $0.hold?.process.isEnded == false && !$0.isSilent && !$0.isSpoiled
        }
        let isConnected = session.isConnected
        if isHeld, isConnected { return }
        // A machine that rebooted has told over its connection which boot it is in.
        var isFresh = state.withLock { state in
            state.wasConnected = state.wasConnected || isConnected
            return isConnected && state.hold == nil && !state.isSilent
        }
        var losses = 0
        while true {
            if !isFresh {
                await close()
                try await connect()
            }
            isFresh = false
            do throws(PlumblineError) { return try await put() } catch {
                guard error.kind == .failure, let loss = await self.loss() else { throw error }
                losses += 1
                guard losses < attempts else { throw loss }
                note("\(loss.message); connecting again")
            }
        }
    }

    /// Puts the agent there, and ends those of lost connections.
    private func put() async throws(PlumblineError) {
        try await checkMachine()
        let hold = try await install()
        state.withLock { $0.hold = hold }
        await undo(at: hold.path)?.forEach(note)
    }

    /// Ends the agent and the connection; the machine is as it was then. Doing it twice does no
    /// harm.
    package func close() async {
        let (hold, isSilent) = state.withLock { state in
            defer { (state.isSilent, state.isSpoiled) = (false, false) }
            if let hold = state.hold { state.left.append(hold.path) }
            return (state.hold.take(), state.isSilent)
        }
        if let hold {
            hold.beats.cancel()
            await hold.process.end(within: .seconds(isSilent ? 1 : Self.endLimit))
        }
        await session.close()
    }

    /// How the agent is started there.
    package var configuration: AgentConfiguration {
        let path = state.withLock { $0.hold?.path } ?? "plumbline-agent"
        let (executable, arguments) = session.command(
            prefix + [path] + (options.counts ? ["--counters"] : []))
        var configuration = AgentConfiguration(executable: executable)
        configuration.arguments = arguments
        configuration.name = "the agent on \(machine)"
        configuration.route = self
        return configuration
    }

    /// Connects where the connection is lost, and puts the agent there where it is gone.
    package func reach() async throws(PlumblineError) -> AgentConfiguration {
        try await prepare()
        return configuration
    }

    /// Asks the machine, where ssh knows of no loss.
    package func loss() async -> PlumblineError? {
        guard session.isConnected, !state.withLock({ $0.isSilent }) else { return session.loss }
        do throws(PlumblineError) {
            let answer = try await session.run(["true"], limit: Self.answerLimit)
            if answer.succeeded { return nil }
        } catch { if error.kind == .interrupted { return nil } }
        state.withLock { $0.isSilent = true }
        return session.loss
    }

    /// Has the holder pass it on.
    package func terminate() {
        state.withLock { $0.hold }?.process.write(Array("t\n".utf8))
    }

    /// Runs `plumbline-agent --restore` there, after putting the agent there anew where it is gone.
    package func restore() async -> [String] {
        guard let path = state.withLock({ $0.hold?.path }), await loss() == nil else {
            return ["\(machine): the connection is lost; the agent there undoes its changes"]
        }
        if let lines = await undo(at: path) { return lines }
        state.withLock { $0.isSpoiled = true }
        do throws(PlumblineError) { try await prepare() } catch {
            guard error.kind == .failure else { return [] }
            return ["\(machine): changes of the agent may be left: \(error.message)"]
        }
        return []
    }

    /// Has an agent there end the others, those of lost connections too, and undo their changes.
    ///
    /// - Returns: lines for the user; nil when it does not run.
    private func undo(at path: String) async -> [String]? {
        let left = state.withLock { $0.left }
        let words = prefix + [path, "--restore"] + left
        guard let answer = try? await session.run(words, limit: .seconds(Self.endLimit)),
            answer.succeeded
        else { return nil }
        state.withLock { $0.left.removeAll(where: left.contains) }
        return answer.output.split(separator: "\n").map { "\(machine): \($0)" }
    }

    /// How long the holder may take to end the agents and undo their changes, seconds.
    static let endLimit = 40
    /// How long a machine may take to answer.
    private static let answerLimit = Duration.seconds(10)
    /// How long it tries to connect anew.
    private static let absenceLimit = Duration.seconds(60)
    /// The longest pause between two attempts.
    private static let longestPause = Duration.seconds(8)

    /// What an agent is started with there.
    var prefix: [String] { options.usesSudo ? ["sudo", "-n", "--"] : [] }

    private func connect() async throws(PlumblineError) {
        let isAnother = state.withLock { state in
            defer { state.wasConnected = true }
            return state.wasConnected
        }
        let limit = ContinuousClock.now + (isAnother ? Self.absenceLimit : .zero)
        var pause = Duration.seconds(1)
        while true {
            do throws(PlumblineError) { return try await session.connect() } catch {
                guard error.kind == .failure, ContinuousClock.now + pause < limit else {
                    throw error
                }
                note("\(error.message); trying again in \(pause.components.seconds) s")
            }
            let end = ContinuousClock.now + pause
            while ContinuousClock.now < end {
                if isInterrupted() { throw PlumblineError(.interrupted, "interrupted") }
                try? await Task.sleep(for: .milliseconds(50))
            }
            pause = min(pause * 2, Self.longestPause)
        }
    }
}
