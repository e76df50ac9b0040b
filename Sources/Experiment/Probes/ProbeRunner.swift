// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Cells
import Linux
import Protocol
import Verdicts

/// Runs probes on one kernel after the other.
package struct ProbeRunner {
    /// A probe moves the same data each time.
    private static let seed: UInt64 = 1

    private let isInterrupted: @Sendable () -> Bool
    private let report: @Sendable (ProgressEvent) -> Void

    /// A runner.
    ///
    /// - Parameter report: is called with what happens.
    package init(
        isInterrupted: @escaping @Sendable () -> Bool,
        report: @escaping @Sendable (ProgressEvent) -> Void
    ) {
        self.isInterrupted = isInterrupted
        self.report = report
    }

    /// Runs probes on a machine, and ends its agent.
    ///
    /// A probe that breaks the kernel is a fault of the kernel: the record says so, and the probes
    /// after it do not run.
    ///
    /// - Throws: `failure` when the machine does not come up; `interrupted`.
    package func probe(
        _ machine: GuestMachine, probes: [ProbeDescription]
    ) async throws(PlumblineError) -> ProbedKernel {
        let report = report
        var driver = AgentDriver(
            machine.agent, isInterrupted: isInterrupted, note: { report(.note($0)) },
            onInterruption: { report(.interrupted) })
        do throws(PlumblineError) {
            let host = try await driver.greeting()
            var kernel = ProbedKernel(
                label: machine.label, host: host, startedAt: Clock.realtimeNanoseconds())
            for (number, probe) in probes.enumerated() {
                let order = ProbeOrder(order: number, probe: probe.name, seed: Self.seed)
                switch try await driver.probe(order) {
                case .done(let record): kernel.records.append(record)
                case .interrupted:
                    throw PlumblineError(.interrupted, "interrupted in probe \(probe.name)")
                case .failed(let error), .lost(let error), .unfit(let error):
                    guard driver.isGone else { throw error }
                    kernel.records.append(ProbeRecord(probe: probe.name, result: .pass))
                    kernel.lose(error)
                }
                if kernel.loss != nil { break }
            }
            await driver.end()
            if kernel.loss == nil, let complaint = driver.complaint {
                kernel.lose(complaint)
            }
            return kernel
        } catch {
            await driver.end()
            throw error
        }
    }
}
