// SPDX-License-Identifier: GPL-3.0-or-later

/// What one check of `plumbline doctor` found on the machine.
package struct Finding: Sendable, Equatable {
    /// How well a thing can be used.
    enum State: String, Sendable, Codable, CaseIterable {
        /// Nothing needs to be done.
        case ok
        /// It is there, with a consequence.
        case limited
        /// It is not there.
        case missing
    }

    /// What was looked at.
    let topic: Topic
    /// How well it can be used.
    let state: State
    /// What was found, without a full stop.
    let fact: String
    /// What follows for measurements; nil when all is well.
    let consequence: String?
    /// How to fix it; nil when all is well.
    let remedy: Remedy?
}

extension Finding: Encodable {
    private enum CodingKeys: String, CodingKey {
        case id, group, title, state, fact, consequence, remedy
        case remedyKind = "remedy_kind"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(topic.id, forKey: .id)
        try container.encode(topic.group.rawValue, forKey: .group)
        try container.encode(topic.title, forKey: .title)
        try container.encode(state, forKey: .state)
        try container.encode(fact, forKey: .fact)
        try container.encodeIfPresent(consequence, forKey: .consequence)
        try container.encodeIfPresent(remedy?.text, forKey: .remedy)
        try container.encodeIfPresent(remedy?.kind, forKey: .remedyKind)
    }
}
