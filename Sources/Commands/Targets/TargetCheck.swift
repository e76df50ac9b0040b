// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Protocol
import Remotes

/// Tries each step of booting each kernel of a machine once, and shows a line a step.
struct TargetCheck {
    private var machine: RebootMachine
    private let isInterrupted: @Sendable () -> Bool
    private let show: @Sendable (String) -> Void
    /// The kernels that came up, by name.
    private var booted: [(name: String, kernel: BootedKernel)] = []

    /// - Parameter show: takes a step's line, or an error's lines.
    init(
        _ machine: RebootMachine, isInterrupted: @escaping @Sendable () -> Bool,
        show: @escaping @Sendable (String) -> Void
    ) {
        self.machine = machine
        self.isInterrupted = isInterrupted
        self.show = show
    }

    /// Tries the steps.
    ///
    /// - Returns: whether all of them work.
    /// - Throws: `interrupted`.
    mutating func run(_ kernels: [BootKernel]) async throws(PlumblineError) -> Bool {
        var works = true
        do throws(PlumblineError) {
            let boot = try await step("connect", says: { "\($0.version.cut(to: 60))" }) {
                (check) async throws(PlumblineError) in
                try await check.machine.reach()
            }
            _ = try await greeting(after: boot)
        } catch {
            await machine.hangUp()
            if error.kind == .interrupted { throw error }
            return false
        }
        for kernel in kernels {
            do throws(PlumblineError) { try await boot(kernel) } catch {
                if error.kind == .interrupted {
                    await machine.hangUp()
                    throw error
                }
                works = false
                if await !isUp() { break }
            }
        }
        await machine.hangUp()
        return works
    }

    /// Whether the machine answers after a step that failed.
    private mutating func isUp() async -> Bool {
        if await machine.answers() { return true }
        show("the machine does not answer: the other kernels are not tried")
        return false
    }

    private mutating func boot(_ kernel: BootKernel) async throws(PlumblineError) {
        let steps = machine.file.steps(for: kernel)
        await machine.hangUp()
        if let select = steps.select {
            try await step("select", of: kernel, says: { _ in select.text }) {
                (check) async throws(PlumblineError) in
                try await check.machine.select(kernel)
            }
        }
        try await step("reboot", of: kernel, says: { _ in steps.reboot.text }) {
            (check) async throws(PlumblineError) in
            try await check.machine.reboot(to: kernel)
        }
        let boot = try await step(
            "wait", of: kernel,
            says: { "back after \(($0.took ?? 0) / 1_000_000_000) s, boot \($0.bootID)" }
        ) {
            (check) async throws(PlumblineError) in
            try await check.machine.awaitReturn(of: kernel)
        }
        let found = try await greeting(of: kernel, after: boot)
        try await step("identity", of: kernel, says: { _ in found.words }) {
            (check) async throws(PlumblineError) in
            try check.compare(found, with: kernel)
        }
        booted.append((kernel.name, found))
    }

    /// Starts an agent for its greeting alone.
    private mutating func greeting(
        of kernel: BootKernel? = nil, after boot: BootRecord
    ) async throws(PlumblineError) -> BootedKernel {
        let hello = try await step(
            "agent", of: kernel,
            says: { "Linux \($0.kernelRelease), \(Decimal.count($0.cpus, "CPU"))" }
        ) {
            (check) async throws(PlumblineError) -> Hello in
            let agent = try await check.machine.agent()
            return try await AgentDriver.greeting(of: agent, isInterrupted: check.isInterrupted)
        }
        return BootedKernel(hello, boot)
    }

    private func compare(
        _ found: BootedKernel, with kernel: BootKernel
    ) throws(PlumblineError) {
        let file = machine.file.place
        if let difference = found.difference(from: kernel.expected) {
            throw .failure(
                "another kernel than \(kernel.name) runs: \(difference)",
                remedy: "correct the kernel's entry, or its expect:, in \(file)")
        }
        if let same = booted.first(where: { $0.kernel == found }) {
            throw .failure(
                "\(kernel.name) and \(same.name) booted the same kernel: \(found.words)",
                remedy: "correct the kernels' entries in \(file)")
        }
    }

    /// Does a step, and shows a line of it.
    @discardableResult
    private mutating func step<Value>(
        _ name: String, of kernel: BootKernel? = nil, says words: (Value) -> String,
        _ work: (inout TargetCheck) async throws(PlumblineError) -> Value
    ) async throws(PlumblineError) -> Value {
        let lead = (kernel.map { "\($0.name): " } ?? "") + name
        do throws(PlumblineError) {
            if isInterrupted() { throw PlumblineError(.interrupted, "interrupted") }
            let value = try await work(&self)
            show("ok      \(lead): \(words(value))")
            return value
        } catch {
            let whole = machine.withChoice(error)
            if error.kind != .interrupted { show("FAILED  \(lead): \(whole)") }
            throw whole
        }
    }
}
