// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal

/// A machine that boots the kernels of a target file, one at a time.
///
/// It was rebooted when it answers with another boot id: an ssh server that still answers on its way
/// down is not taken for one that is back.
package struct RebootMachine: Sendable {
    /// Connects to the machine, once.
    package typealias Connect =
        @Sendable () async throws(PlumblineError) -> any MachineConnection

    /// How long a command that reboots may take to end: many never do.
    private static let rebootLimit = Duration.seconds(30)
    /// How long a command that only reads files may take.
    private static let readLimit = Duration.seconds(20)

    /// The machine and its kernels.
    package let file: TargetFile
    /// The boot that was seen last; nil before the machine was reached.
    package private(set) var boot: BootRecord?
    /// The kernel of the next boot, where it was chosen and the machine did not go down.
    private(set) var chosen: BootKernel?
    private let connect: Connect
    private let isInterrupted: @Sendable () -> Bool
    /// Between two attempts to reach it.
    private let pause: Duration
    private var connection: (any MachineConnection)?
    /// What the command that rebooted said.
    private var parting = ""

    /// A machine that is not reached yet.
    package init(
        _ file: TargetFile, pause: Duration = .seconds(1),
        isInterrupted: @escaping @Sendable () -> Bool, connect: @escaping Connect
    ) {
        self.file = file
        self.pause = pause
        self.isInterrupted = isInterrupted
        self.connect = connect
    }

    // MARK: Steps

    /// Connects unless it is connected, and reads which boot the machine is in.
    ///
    /// A machine that was reached before gets its time limit to answer, and another one no second
    /// chance.
    ///
    /// - Throws: `failure` when it does not answer; `usage` for one that can never be used.
    @discardableResult
    package mutating func reach() async throws(PlumblineError) -> BootRecord {
        let record: BootRecord
        do throws(PlumblineError) {
            let isFirst = boot == nil
            record = try await answer(within: isFirst ? .zero : file.timeout) { _ in true }
        } catch {
            guard error.kind == .failure else { throw error }
            throw silent(error)
        }
        boot = record
        return record
    }

    /// Has the machine boot a kernel the next time.
    package mutating func select(_ kernel: BootKernel) async throws(PlumblineError) {
        guard let command = file.steps(for: kernel).select else { return }
        chosen = kernel
        let answer = try await perform(command, limit: file.timeout)
        guard answer.code != 0 else { return }
        chosen = nil
        throw failed(command, answer)
    }

    /// Has the machine go down; it may still answer afterwards.
    package mutating func reboot(to kernel: BootKernel) async throws(PlumblineError) {
        let command = file.steps(for: kernel).reboot
        parting = ""
        let answer: SSHAnswer
        do throws(PlumblineError) {
            let isHere = command.place == .here
            answer = try await perform(command, limit: isHere ? file.timeout : Self.rebootLimit)
        } catch {
            // A command that takes the connection down with it does not answer.
            guard command.place == .machine, error.kind == .failure else { throw error }
            (parting, chosen) = (error.message, nil)
            return
        }
        parting = answer.lastWords
        // Killed by the shutdown that it began, or its connection was.
        let isKilled = command.place == .machine && answer.code >= 128
        if answer.code != 0, !isKilled { throw failed(command, answer) }
        chosen = nil
    }

    /// Waits until the machine answers from another boot than the one before.
    ///
    /// - Throws: `failure` when it does not go down or does not come back within the time limit;
    ///   `interrupted`.
    package mutating func awaitReturn(
        of kernel: BootKernel
    ) async throws(PlumblineError) -> BootRecord {
        let steps = file.steps(for: kernel)
        let wait = steps.wait
        let (before, begun) = (boot?.bootID, ContinuousClock.now)
        if let wait, wait.place == .here { try await finish(wait) }
        var record: BootRecord
        do throws(PlumblineError) {
            record = try await answer(within: file.timeout) { $0.bootID != before }
        } catch {
            guard error.kind == .failure else { throw error }
            if error.message.isEmpty, steps.select != nil { chosen = kernel }
            throw lost(error, kernel, parting: parting)
        }
        record.took = Int((ContinuousClock.now - begun) / .nanoseconds(1))
        boot = record
        if let wait, wait.place == .machine { try await finish(wait) }
        return record
    }

    /// Boots a kernel, by all steps. The agent of the boot before is ended first, and removed.
    ///
    /// - Throws: `failure` saying which step failed and how to look; `interrupted`. Where the
    ///   machine keeps the choice of the kernel, the remedy says how to take it back.
    package mutating func start(_ kernel: BootKernel) async throws(PlumblineError) -> BootRecord {
        await hangUp()
        if boot == nil || !file.steps(for: kernel).isAllHere {
            try await reach()
        } else if let now = try? await look() {
            boot = now
        }
        do throws(PlumblineError) {
            try await select(kernel)
            try await reboot(to: kernel)
            return try await awaitReturn(of: kernel)
        } catch { throw withChoice(error) }
    }

    /// How an agent is started in the boot that runs.
    package mutating func agent() async throws(PlumblineError) -> AgentConfiguration {
        try await line().agent()
    }

    /// Whether the machine answers now.
    package mutating func answers() async -> Bool { (try? await look()) != nil }

    /// Ends the connection; the machine stays as it is.
    package mutating func hangUp() async { await connection.take()?.close() }

    // MARK: Answers

    /// The connection, a new one where there is none.
    mutating func line() async throws(PlumblineError) -> any MachineConnection {
        if let connection { return connection }
        let line = try await connect()
        connection = line
        return line
    }

    /// Asks once which boot the machine is in.
    private mutating func look() async throws(PlumblineError) -> BootRecord {
        do throws(PlumblineError) {
            let answer = try await line().run(["cat"] + BootRecord.files, limit: Self.readLimit)
            guard answer.code == 0, let record = BootRecord(reading: answer.output) else {
                throw .failure(
                    "\(file.host) does not tell its boot id: \(answer.lastWords)",
                    remedy: "check that it runs Linux and has cat")
            }
            return record
        } catch {
            await hangUp()
            throw error
        }
    }

    /// Asks until the machine gives an answer that is wanted: once, and again within the limit.
    ///
    /// - Throws: as the last attempt; `failure` without a message when it answered until the end.
    private mutating func answer(
        within limit: Duration, _ isWanted: (BootRecord) -> Bool
    ) async throws(PlumblineError) -> BootRecord {
        let end = ContinuousClock.now + limit
        var last: PlumblineError?
        repeat {
            if isInterrupted() {
                throw PlumblineError(.interrupted, "interrupted while \(file.host) boots")
            }
            do throws(PlumblineError) {
                let record = try await look()
                if isWanted(record) { return record }
                last = nil
            } catch {
                guard error.kind == .failure else { throw error }
                last = error
            }
            try? await Task.sleep(for: pause)
        } while ContinuousClock.now < end
        throw last ?? .failure("")
    }
}
