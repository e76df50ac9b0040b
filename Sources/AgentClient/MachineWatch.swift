// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Reads what a machine writes beside the agent's protocol, such as a guest's kernel console, and
/// tells when the machine is broken.
public protocol MachineWatch: Sendable {
    /// What is wrong, in one line; nil while all is well.
    var finding: String? { get }

    /// Whether the fault is the machine's, such as its clock's, and not its kernel's: another start
    /// may be without it, and it says nothing of the cell it came over.
    var blamesMachine: Bool { get }

    /// Takes in a line.
    mutating func take(_ line: String)

    /// The error for a machine that is lost, with what it said last.
    ///
    /// - Parameters:
    ///   - why: how the loss showed.
    ///   - greeted: whether its agent had greeted.
    func loss(_ why: String, greeted: Bool) -> PlumblineError
}
