// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// The cause of a failed build, by its output.
enum BuildFailure {
    /// The first error of a compiler or linker and the three lines after it; else make's first
    /// `***`; else the last line.
    static func firstError(in lines: [String]) -> [String] {
        let marks = [
            ": error: ", ": fatal error: ", "undefined reference", "No space left on device",
            "Killed signal", "cannot find -l", "error: ", "Error: ",
        ]
        let first =
            lines.firstIndex { line in marks.contains { line.contains($0) } }
            ?? lines.firstIndex { $0.contains("*** ") }
        guard let first else { return lines.last(where: { !$0.isEmpty }).map { [$0] } ?? [] }
        return lines[first...].prefix(4).filter { !$0.isEmpty }
    }

    /// The error for a full disk; nil when the output does not say so.
    static func diskFull(in lines: [String], while doing: String) -> PlumblineError? {
        let marks = ["No space left on device", "Disk quota exceeded", "ENOSPC"]
        guard lines.contains(where: { line in marks.contains { line.contains($0) } }) else {
            return nil
        }
        return .failure(
            "\(doing): the disk is full; nothing incomplete is used",
            remedy: "a source needs 2 GiB and the objects of a configuration 1 GiB in the cache: "
                + "free some space, or set XDG_CACHE_HOME to a directory with more")
    }
}
