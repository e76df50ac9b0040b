// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

extension HistoryEntry {
    /// The parts of an entry.
    package init(experiment: Experiment, arms: [Arm], cells: [Cell]) {
        self.experiment = experiment
        self.arms = arms
        self.cells = cells
    }

    /// Its line of an export, ended.
    package func line() throws(PlumblineError) -> [UInt8] { try LineCodec.encode(self) }

    /// Reads a line of an export.
    ///
    /// - Throws: `failure` for what is no such line, and for a newer schema.
    package init(line: [UInt8]) throws(PlumblineError) {
        struct Probe: Decodable { var schema: String }
        guard let probe = try? LineCodec.decode(Probe.self, from: line),
            probe.schema.hasPrefix("plumbline.history/")
        else { throw .failure("it is not a line of `plumbline history export`") }
        guard probe.schema == Self.schemaName else {
            throw .failure(
                "its schema is '\(probe.schema.prefix(64).printable)'; this is plumbline "
                    + "\(plumblineVersion), which reads '\(Self.schemaName)'",
                remedy: "use the version of plumbline that wrote it")
        }
        self = try LineCodec.decode(HistoryEntry.self, from: line)
        guard arms.map(\.arm) == Basics.Arm.allCases.map(\.rawValue), !experiment.id.isEmpty
        else { throw .failure("it has no id, or not the arms A and B") }
    }
}
