// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// What the output of a failed build has to say.
enum BuildFailure {
    /// The line that tells why a build failed, and the three after it.
    ///
    /// A compiler's or linker's first error; else make's first `***`; else the last line.
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

    /// The error for a disk that is full; nil when that is not what was said.
    static func diskFull(in lines: [String], while doing: String) -> PlumblineError? {
        let marks = ["No space left on device", "Disk quota exceeded", "ENOSPC"]
        guard lines.contains(where: { line in marks.contains { line.contains($0) } }) else {
            return nil
        }
        return .failure(
            "the disk is full: \(doing) could not be finished, and nothing of it is used",
            remedy: "a source needs 2 GiB and a configuration's objects 1 GiB in the cache: make "
                + "room, or set XDG_CACHE_HOME to a directory with more")
    }
}
