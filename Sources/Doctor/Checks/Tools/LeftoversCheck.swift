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

    static func finding(abandoned: [String], in directory: String, isRoot: Bool) -> Finding {
        guard !abandoned.isEmpty else {
            let whose = isRoot ? "none" : "none of yours (only root sees root's)"
            return topic.ok("\(whose) in \(directory)")
        }
        let runs = abandoned.count == 1 ? "a killed run" : "\(abandoned.count) killed runs"
        return topic.limited(
            "\(runs) left changes, recorded in \(directory)",
            consequence: "leftover cgroups, mounts, devices or knobs may disturb what is measured",
            fix: .command("plumbline doctor --restore"))
    }
}
