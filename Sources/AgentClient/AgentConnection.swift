// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Machine
import Protocol
import Subprocess
import Synchronization
import SystemPackage

/// An agent that runs on this machine, as a child process in a process group of its own.
///
/// The terminal's Ctrl-C therefore reaches only the controller, which asks the agent to undo its
/// changes. The agent ends when its input ends, so it does not outlive a killed controller.
public final class AgentConnection: Sendable {
    /// What a controller can do to the agent.
    private enum Command: Sendable {
        case write([UInt8])
        case signal(Signal)
        case endInput
    }

    /// The agent's messages and its end, and a tick now and then while `isTicking`.
    ///
    /// Who reads one calls `taken`.
    public let events: AsyncStream<AgentEvent>
    let backlog: EventBacklog
    private let commands: AsyncStream<Command>.Continuation
    private let work: Task<Void, Never>
    private let ticks = Atomic(false)

    /// Starts an agent.
    ///
    /// - Parameters:
    ///   - path: the agent's executable.
    ///   - hasOwnSession: whether it leads a session, and not only a process group.
    ///   - tick: how often the controller looks at the time and at signals.
    ///   - isSSH: whether the executable is ssh, which starts the agent on another machine.
    public init(
        path: String, arguments: [String] = [], hasOwnSession: Bool = false,
        tick: Duration = .milliseconds(250), isSSH: Bool = false
    ) {
        let (events, sink) = AsyncStream.makeStream(of: AgentEvent.self)
        let (orders, commands) = AsyncStream.makeStream(of: Command.self)
        self.events = events
        self.commands = commands
        let backlog = EventBacklog()
        self.backlog = backlog
        let output = Output(sink: sink, backlog: backlog)
        sink.onTermination = { _ in backlog.end() }
        var options = PlatformOptions()
        if hasOwnSession { options.createSession = true } else { options.processGroupID = 0 }
        VerboseLog.say("run \(ShellWord.line([path] + arguments))")
        work = Task { [options] in
            let end = await Self.run(
                path, arguments: arguments, isSSH: isSSH, options: options, orders: orders,
                commands: commands, sink: output)
            VerboseLog.say("\(path): \(end)")
            output.pass(.ended(end))
            sink.finish()
        }
        Task { [weak self] in
            while let isTicking = self?.isTicking {
                if isTicking, !output.pass(.tick(.now)) { return }
                try? await Task.sleep(for: tick)
            }
        }
    }

    /// Whether ticks are among the events; false until it is set.
    ///
    /// Ticks of an agent that nobody waits for would pile up unread.
    public var isTicking: Bool {
        get { ticks.load(ordering: .relaxed) }
        set { ticks.store(newValue, ordering: .relaxed) }
    }

    /// Has the agent go on if it waited: one of the events was read.
    public func taken() { backlog.take() }

    /// Where events go.
    private struct Output: Sendable {
        let sink: AsyncStream<AgentEvent>.Continuation
        let backlog: EventBacklog

        /// Passes an event on.
        ///
        /// - Parameter bytes: of its line.
        /// - Returns: whether somebody may read it.
        @discardableResult
        func pass(_ event: AgentEvent, bytes: Int = 0) -> Bool {
            backlog.add(bytes: bytes)
            if case .terminated = sink.yield(event) { return false }
            return true
        }
    }

    /// Sends a message.
    public func send(_ message: ControllerMessage) throws(PlumblineError) {
        commands.yield(.write(try LineCodec.encode(message)))
    }

    /// Asks the agent to undo its changes and end, by SIGTERM.
    public func terminate() { commands.yield(.signal(.terminate)) }

    /// Kills an agent that does not answer; `plumbline doctor --restore` undoes its changes.
    public func kill() { commands.yield(.signal(.kill)) }

    /// Closes the agent's input; the agent then undoes its changes and ends.
    public func endInput() { commands.yield(.endInput) }

    /// Waits until the agent is gone.
    public func wait() async { await work.value }

    /// Runs the agent to its end.
    ///
    /// - Returns: how it ended.
    private static func run(
        _ path: String, arguments: [String], isSSH: Bool, options: PlatformOptions,
        orders: AsyncStream<Command>, commands: AsyncStream<Command>.Continuation, sink: Output
    ) async -> String {
        do {
            let outcome = try await Subprocess.run(
                .path(FilePath(path)), arguments: Arguments(arguments), platformOptions: options,
                input: .inputWriter, output: .sequence, error: .sequence
            ) { execution in
                sink.pass(.started(execution.processIdentifier.value))
                await withTaskGroup { group in
                    group.addTask {
                        await readMessages(execution.standardOutput, into: sink)
                        commands.finish()
                    }
                    group.addTask { await readDiagnostics(execution.standardError, into: sink) }
                    for await command in orders {
                        switch command {
                        case .write(let line):
                            _ = try? await execution.standardInputWriter.write(line)
                        case .signal(let signal):
                            try? execution.send(signal: signal)
                        case .endInput:
                            try? await execution.standardInputWriter.finish()
                        }
                    }
                }
            }
            commands.finish()
            return words(for: outcome.terminationStatus, isSSH: isSSH)
        } catch {
            commands.finish()
            return "it could not be started: \(error)"
        }
    }

    private static func words(for status: TerminationStatus, isSSH: Bool) -> String {
        switch status {
        // ssh(1), EXIT STATUS: its own errors, and a signal there.
        case .exited(255) where isSSH: "it was killed by a signal there, or ssh lost it"
        // A guardian, a shell and ssh pass a signal on as a code.
        case .exited(let code) where (131...159).contains(code):
            "it was killed by signal \(code - 128)"
        case .exited(let code): "it ended with exit code \(code)"
        case .signaled(let signal): "it was killed by signal \(signal)"
        }
    }

    private static func readMessages(
        _ output: SubprocessOutputSequence, into sink: Output
    ) async {
        var splitter = LineSplitter()
        do {
            for try await buffer in output {
                for line in splitter.feed(buffer.withUnsafeBytes { Array($0) }) {
                    await sink.backlog.awaitRoom()
                    sink.pass(event(for: line), bytes: line.length)
                }
            }
        } catch {
            sink.pass(.garbage(.failure("the agent's output cannot be read: \(error)")))
        }
    }

    private static func event(for line: LineSplitter.Line) -> AgentEvent {
        switch line {
        case .tooLong(let count):
            return .garbage(.failure("the agent sent a line of \(count) bytes"))
        case .complete(let bytes):
            do {
                return .message(try LineCodec.decode(AgentMessage.self, from: bytes))
            } catch {
                let start = String(decoding: bytes.prefix(80), as: UTF8.self)
                return .garbage(
                    .failure(
                        "the agent sent an invalid line: \(error.message): \(start)",
                        remedy: error.remedy))
            }
        }
    }

    private static func readDiagnostics(
        _ output: SubprocessOutputSequence, into sink: Output
    ) async {
        var splitter = LineSplitter(limit: 64 << 10)
        do {
            for try await buffer in output {
                for line in splitter.feed(buffer.withUnsafeBytes { Array($0) }) {
                    if case .complete(var bytes) = line {
                        // ssh ends its lines as a terminal needs it.
                        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
                        await sink.backlog.awaitRoom()
                        sink.pass(
                            .diagnostic(String(decoding: bytes, as: UTF8.self)),
                            bytes: bytes.count)
                    }
                }
            }
        } catch {
            return
        }
    }
}
