// SPDX-License-Identifier: GPL-3.0-or-later

/// A foreign program that a workload runs, and what it needs.
package struct ProgramUse: Sendable, Equatable {
    /// The program, a path or a name that is looked up in PATH, and its arguments.
    package var command: [String]
    /// Files and directories that it reads, which a guest must carry.
    package var files: [String]
    /// Whether the program ends a slice by its own end; otherwise the gate does.
    package var endsSlice: Bool
    /// How long a slice may take at most, or the program for its answer, nanoseconds.
    package var timeout: Int

    /// A program.
    package init(command: [String], files: [String], endsSlice: Bool, timeout: Int) {
        self.command = command
        self.files = files
        self.endsSlice = endsSlice
        self.timeout = timeout
    }
}
