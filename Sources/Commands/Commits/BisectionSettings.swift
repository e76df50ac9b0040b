// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Machine
import Protocol

/// What a step of a bisection has to know. It is in a file of the bisection's private directory,
/// whose path is the one word that `git bisect run` passes on.
struct BisectionSettings: Codable {
    /// The process that bisects; steps end with it.
    var owner: ProcessIdentity
    /// The command line of the bisection, the program's name left out.
    var arguments: [String]
    /// The directory that it was started in.
    var startDirectory: String
    /// The private directory.
    var directory: String
    /// The worktree in which git bisects.
    var worktree: String
    /// The good commit, arm A of each step.
    var good: Commit
    /// The bad commit's effect, percent.
    var effect: Double
    /// The directory of the journals.
    var journals: String

    /// Where a step that skips a commit says why.
    func reasonFile(_ commit: Commit) -> String { "\(directory)/skip-\(commit.hash)" }
}
