// SPDX-License-Identifier: GPL-3.0-or-later

import Machine

/// What killed runs have left changed on the machine.
enum LeftoversCheck {
    static let topic = Topic(.runs, "leftovers")

    /// The undo logs in a directory whose process no longer runs.
    static func abandoned(
        _ machine: ExaminedMachine, in directory: String,
        isRunning: (ProcessIdentity) -> Bool = \.isRunning
    ) -> [String] {
        machine.tree.list(directory).filter { name in
            UndoLog.owner(ofFile: name).map { !isRunning($0) } ?? false
        }
    }

    /// Judges how many undo logs of ended processes there are.
    static func finding(abandoned: [String], in directory: String, isRoot: Bool) -> Finding {
        guard !abandoned.isEmpty else {
            let whose = isRoot ? "none" : "none of yours (root's are for root to see)"
            return topic.ok("\(whose) in \(directory)")
        }
        let runs = abandoned.count == 1 ? "a killed run" : "\(abandoned.count) killed runs"
        return topic.limited(
            "\(runs) left changes, recorded in \(directory)",
            "cgroups, mounts, devices or knobs of theirs may still change what is measured",
            .command("plumbline doctor --restore"))
    }
}
