// SPDX-License-Identifier: GPL-3.0-or-later

/// What a check looks at: its place in the report and its names.
package struct Topic: Sendable, Equatable {
    /// A part of the report, and the heading over it.
    enum Group: String, Sendable, CaseIterable {
        case kernel = "Kernel"
        case cpus = "CPUs and clock"
        case memory = "Memory and cgroups"
        case io = "I/O"
        case tracing = "Tracing"
        case guests = "Guests"
        case claims = "Published claims"
        case tools = "Tools"
        case directory = "This directory"
        case runs = "Earlier runs"
    }

    let group: Group
    /// A name for scripts, in snake case.
    let id: String
    /// A name for people, at most 14 characters.
    let title: String

    init(_ group: Group, _ id: String, title: String? = nil) {
        self.group = group
        self.id = id
        self.title = title ?? id
    }

    func ok(_ fact: String) -> Finding {
        Finding(topic: self, state: .ok, fact: fact, consequence: nil, remedy: nil)
    }

    func limited(_ fact: String, consequence: String, fix remedy: Remedy) -> Finding {
        Finding(
            topic: self, state: .limited, fact: fact, consequence: consequence, remedy: remedy)
    }

    func missing(_ fact: String, consequence: String, fix remedy: Remedy) -> Finding {
        Finding(
            topic: self, state: .missing, fact: fact, consequence: consequence, remedy: remedy)
    }
}
