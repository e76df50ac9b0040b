// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Linux
import Protocol
import Suites
import Synchronization

@testable import Remotes

/// A machine that reboots as a test says, for what no real machine does on demand; its agents are
/// scripts.
final class ScriptedMachine: Sendable {
    /// What becomes of a reboot.
    enum Fate: Sendable {
        /// It comes back in the kernel that was chosen.
        case comesBack
        /// It comes back in this one.
        case boots(String)
        /// It stays up.
        case staysUp
        /// It goes down and never answers again.
        case isGone
    }

    private struct State {
        var kernel: String? = "default"
        var chosen = "default"
        /// Reboots that were ordered.
        var reboots = 0
        /// Boots that happened.
        var boots = 0
        /// Answers from the old boot that are left.
        var lingering = 0
        /// Attempts to connect that fail until it is back.
        var absent = 0
        var ran: [String] = []
        var agents: [String: FakeAgent] = [:]
    }

    /// By the number of the reboot, from 0.
    private let fate: @Sendable (Int) -> Fate
    /// A file whose last line is the kernel that runs: a line for each boot.
    private let followed: String?
    private let answer: String
    private let state = Mutex(State())

    /// - Parameter answer: what the agents answer to a slice, in bash.
    init(
        answer: String = "result", following followed: String? = nil,
        fate: @escaping @Sendable (Int) -> Fate = { _ in .comesBack }
    ) {
        self.answer = answer
        self.followed = followed
        self.fate = fate
    }

    deinit { state.withLock { for agent in $0.agents.values { agent.remove() } } }

    /// The commands that ran on it, those that only read left out.
    var ran: [String] { state.withLock { $0.ran } }

    /// A target file for it.
    static func file(
        _ more: String = "select: [choose, '{kernel}']\nreboot: [reboot]", host: String = "box"
    ) throws -> TargetFile {
        try TargetFile(
            SuiteSource(
                place: "\(host).yaml",
                text: "host: ssh://\(host)\nboot: commands\ntimeout: 1s\n"
                    + "kernels: [old, new]\n\(more)"))
    }

    func machine(
        _ file: TargetFile, isInterrupted: @escaping @Sendable () -> Bool = { false }
    ) -> RebootMachine {
        RebootMachine(file, pause: .milliseconds(5), isInterrupted: isInterrupted) {
            () async throws(PlumblineError) in
            self.follow()
            try self.state.withLock { (state) throws(PlumblineError) in
                guard state.kernel != nil, state.absent == 0 else {
                    state.absent = max(0, state.absent - 1)
                    throw .failure("connection refused")
                }
            }
            return ScriptedConnection(machine: self)
        }
    }

    private func follow() {
        guard let followed, let text = try? SystemFile.read(followed) else { return }
        let lines = text.split(separator: "\n").map(String.init)
        state.withLock { state in
            guard lines.count > state.boots, let last = lines.last else { return }
            (state.boots, state.kernel) = (lines.count, last)
        }
    }

    fileprivate func run(_ words: [String]) throws(PlumblineError) -> SSHAnswer {
        follow()
        return try state.withLock { (state) throws(PlumblineError) -> SSHAnswer in
            guard words.first != "cat" else { return try Self.identity(&state) }
            state.ran.append(words.joined(separator: " "))
            switch words.first {
            case "choose": state.chosen = words.last ?? ""
            case "reboot":
                reboot(&state)
                throw .failure("the connection is lost")
            default: return SSHAnswer(output: "", errors: "no such program\n", code: 127)
            }
            return SSHAnswer(output: "", errors: "", code: 0)
        }
    }

    private static func identity(_ state: inout State) throws(PlumblineError) -> SSHAnswer {
        var boot = state.boots
        if state.lingering > 0 {
            state.lingering -= 1
            boot -= 1
        } else if state.absent > 0 || state.kernel == nil {
            throw .failure("connection refused")
        }
        let digits = String(100_000_000_000 + boot)
        return SSHAnswer(
            output: "00000000-0000-4000-8000-\(digits)\n"
                + "Linux version \(state.kernel ?? "")\nroot=/dev/vda\n",
            errors: "", code: 0)
    }

    private func reboot(_ state: inout State) {
        let number = state.reboots
        state.reboots += 1
        switch fate(number) {
        case .comesBack: state.kernel = state.chosen
        case .boots(let kernel): state.kernel = kernel
        case .staysUp: return
        case .isGone: state.kernel = nil
        }
        state.boots += 1
        (state.lingering, state.absent) = (2, 2)
    }

    fileprivate func agent() throws(PlumblineError) -> AgentConfiguration {
        try state.withLock { (state) throws(PlumblineError) -> AgentConfiguration in
            guard let kernel = state.kernel else { throw .failure("connection refused") }
            if let agent = state.agents[kernel] { return agent.configuration }
            var hello = FakeAgent.hello
            hello.kernelRelease = kernel
            do {
                let line = try LineCodec.encode(AgentMessage.hello(hello)).dropLast()
                let agent = try FakeAgent(
                    answer: answer, greeting: "echo '\(String(decoding: line, as: UTF8.self))'")
                state.agents[kernel] = agent
                return agent.configuration
            } catch { throw .failure("\(error)") }
        }
    }
}

private struct ScriptedConnection: MachineConnection {
    let machine: ScriptedMachine

    func run(
        _ words: [String], limit: Duration
    ) async throws(PlumblineError) -> SSHAnswer { try machine.run(words) }

    func agent() async throws(PlumblineError) -> AgentConfiguration { try machine.agent() }

    func close() async {}
}
