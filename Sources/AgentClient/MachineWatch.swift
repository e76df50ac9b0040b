// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Reads the lines that a machine writes beside the agent's protocol, such as a guest's kernel
/// console, and finds faults of the machine in them.
public protocol MachineWatch: Sendable {
    /// What is wrong, in one line; nil while all is well.
    var finding: String? { get }

    /// Whether the fault is the machine's, such as its clock's, and not its kernel's or the cell's:
    /// another start may cure it.
    var blamesMachine: Bool { get }

    /// Takes in a line.
    mutating func take(_ line: String)

    /// Takes in how the program that runs the machine ended.
    mutating func takeEnd(_ how: String)

    /// The error for a machine that is lost, with its last lines.
    ///
    /// - Parameters:
    ///   - why: what happened.
    ///   - greeted: whether its agent had greeted.
    func loss(_ why: String, greeted: Bool) -> PlumblineError
}

extension MachineWatch {
    /// Finds nothing in it.
    public mutating func takeEnd(_ how: String) {}
}
