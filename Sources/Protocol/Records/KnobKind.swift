// SPDX-License-Identifier: GPL-3.0-or-later

/// The ways to switch a knob.
public enum KnobKind: String, Codable, Sendable {
    /// A file of the kernel that takes a value.
    case file
    /// A workload's setting.
    case setting = "set"
    /// Two commands.
    case command = "cmd"
}
