// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol

/// A field in which machines of a fleet differ, so that their effects may differ too.
public struct MachineDifference: Sendable, Equatable {
    /// What differs: `CPU model`.
    public let field: String
    /// Each value with the machines that have it, in the order of the machines.
    public let groups: [Group]

    /// Machines with one value.
    public struct Group: Sendable, Equatable {
        /// The value in words.
        public var value: String
        /// The machines' names.
        public var machines: [String]
    }

    /// Nil where all machines have one value.
    private init?(_ field: String, _ values: [(machine: String, value: String?)]) {
        let groups = Self.group(values.map { ($0.machine, $0.value ?? "unknown") })
        guard groups.count > 1 else { return nil }
        self.field = field
        self.groups = groups
    }

    /// What is told of machines that differ and are judged together all the same.
    static func all(_ machines: [MachineSummary]) -> [MachineDifference] {
        let fields: [(String, (JournalHeader) -> String?)] = [
            ("CPU model", { $0.cpuModel }),
            ("memory", { JournalMismatch.memory(Int(clamping: $0.host.memory)) }),
            ("kernel release", { $0.host.kernelRelease }),
            ("kernel version", { $0.host.kernelVersion }), ("build id", { $0.host.buildID }),
            ("init_on_alloc", { $0.host.initOnAlloc.map { "\($0)" } }),
        ]
        return fields.compactMap { field, value in
            MachineDifference(field, machines.map { ($0.name, value($0.header)) })
        }
    }

    /// Each reason why the machines' journals do not belong together, naming field and machines.
    static func refusals(_ machines: [MachineSummary]) -> [String] {
        guard let first = machines.first else { return [] }
        var fields: [String] = []
        var found: [String: [(machine: String, value: String)]] = [:]
        var own: [String: String] = [:]
        let told: Set = [
            "CPU model", "CPU model of the host", "memory", "machine", "arm A's machine",
            "arm B's machine",
        ]
        for machine in machines.dropFirst() {
            for mismatch in JournalMismatch.all(first.header, machine.header)
            where !told.contains(mismatch.field) {
                if found[mismatch.field] == nil { fields.append(mismatch.field) }
                found[mismatch.field, default: []].append(
                    (machine: machine.name, value: mismatch.b))
                own[mismatch.field] = mismatch.a
            }
        }
        return fields.map { field in
            let others = group(found[field] ?? []).map {
                "\($0.value) on \(list($0.machines))"
            }
            return "the \(field) differs: \(own[field] ?? "") on \(first.name), "
                + others.joined(separator: ", ")
        }
    }

    /// `n1, n2, n3 and 5 more`.
    package static func list(_ names: [String]) -> String {
        guard names.count > 4 else { return names.joined(separator: ", ") }
        return "\(names.prefix(3).joined(separator: ", ")) and \(names.count - 3) more"
    }

    static func group(_ values: [(machine: String, value: String)]) -> [Group] {
        var groups: [Group] = []
        for (machine, value) in values {
            if let place = groups.firstIndex(where: { $0.value == value }) {
                groups[place].machines.append(machine)
            } else {
                groups.append(Group(value: value, machines: [machine]))
            }
        }
        return groups
    }
}
