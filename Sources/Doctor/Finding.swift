// SPDX-License-Identifier: GPL-3.0-or-later

import Reports

/// What one check of `plumbline doctor` found on the machine.
package struct Finding: Sendable, Equatable {
    /// How well a thing can be used.
    enum State: String, Sendable, CaseIterable {
        case ok, limited, missing
    }

    let topic: Topic
    let state: State
    /// What was found, without a full stop.
    let fact: String
    /// What follows for measurements; nil when all is well.
    let consequence: String?
    /// How to fix it; nil when all is well.
    let remedy: Remedy?

    var document: JSONObject {
        JSONObject([
            "id": topic.id, "group": "\(topic.group)", "title": topic.title,
            "state": state.rawValue, "fact": fact, "consequence": consequence,
            "remedy": remedy?.text, "remedy_kind": remedy?.kind,
        ])
    }
}
