// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Protocol

/// The probes that this agent can run.
package enum ProbeList {
    /// One for each line of `ProbeCatalogue`.
    static let all: [any Probe.Type] = [
        PipePages.self, PipeFailures.self, PipeBlocked.self, PipeIdle.self, PipeRecycling.self,
        PipeLimit.self, DirectStructures.self, PipeStream.self, PipeResize.self,
        PipeReferences.self, PipeEdges.self, PipeWakeups.self, PipeLeaks.self, PipeShortage.self,
        DirectData.self, DirectOffline.self, DirectShortage.self, LogComplaints.self, Leaks.self,
    ]

    /// The names of all.
    package static var names: [String] { all.map { $0.name } }

    /// Runs a probe.
    ///
    /// - Throws: `usage` for a name that does not exist; `interrupted`.
    package static func run(
        _ name: String, on host: ProbeHost
    ) throws(PlumblineError) -> ProbeRecord {
        guard let probe = all.first(where: { $0.name == name }) else {
            throw .unknown("probe", name, among: names)
        }
        let start = Clock.monotonicNanoseconds()
        var findings = ProbeFindings()
        do throws(PlumblineError) { try probe.run(on: host, into: &findings) } catch {
            if error.kind == .interrupted { throw error }
            if let absence = host.absence(behind: error) {
                findings.missing = absence
            } else {
                findings.faults.append(error.message)
            }
        }
        return findings.record(of: name, duration: Clock.monotonicNanoseconds() - start)
    }
}
