// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

/// Why the kernel refused a pipe, in terms of the limit that was met (`pipe(7)`).
struct PipeRefusal {
    /// Bytes asked for; `nil` for the kernel's default.
    var asked: Int?
    /// Pipes asked for, and made before this one.
    var pipes: Int
    var number: Int
    var errno: Errno
    /// `fs.pipe-max-size`, bytes.
    var maximumSize: Int?
    /// `fs.pipe-user-pages-soft` and `-hard`; 0 is none.
    var softPages: Int?
    var hardPages: Int?

    /// A refusal on this machine.
    init(asked: Int?, pipes: Int, number: Int, error: Errno) {
        self.asked = asked
        self.pipes = pipes
        self.number = number
        errno = error
        maximumSize = try? Pipe.maximumSize
        softPages = try? Pipe.softPagesPerUser
        hardPages = try? Pipe.hardPagesPerUser
    }

    /// What to tell the user.
    var error: PlumblineError {
        switch errno {
        case .notPermitted: size
        case .tooManyOpenFilesInSystem:
            .failure(
                "cannot make pipe \(number + 1) of \(pipes): this user's pipes are at "
                    + "fs.pipe-user-pages-hard=\(limit(hardPages)), or the system at fs.file-max",
                remedy: "raise it with `sysctl`, or ask for fewer pipes")
        default:
            .failure(
                "cannot make pipe \(number + 1) of \(pipes)"
                    + (asked.map { " with pipe_size=\(ByteSize($0))" } ?? "") + ": \(errno)",
                remedy: errno == .noMemory ? "ask for a smaller pipe_size or fewer pipes" : "")
        }
    }

    private var size: PlumblineError {
        let asked = asked ?? PipeWorkload.defaultSize
        if let maximumSize, asked > maximumSize {
            return .failure(
                "pipe: pipe_size=\(ByteSize(asked)) is above fs.pipe-max-size, which is set to "
                    + "\(maximumSize) (\(ByteSize(maximumSize)))",
                remedy: "`sysctl fs.pipe-max-size=\(asked)`, or \(Self.privilege)")
        }
        let pages = pipes * ((asked + MappedMemory.pageSize - 1) / MappedMemory.pageSize)
        return .failure(
            "pipe: pipe_size=\(ByteSize(asked)) is refused for pipe \(number + 1) of \(pipes): "
                + "this user's pipes would pass fs.pipe-user-pages-soft, which is set to "
                + "\(limit(softPages)) pages",
            remedy: "`sysctl fs.pipe-user-pages-soft=0` (no limit; \(pages) pages are needed "
                + "here), or \(Self.privilege)")
    }

    /// The kernel made a pipe without being asked for a size, and smaller than usual.
    static func tooFewPages(granted: Int) -> PlumblineError {
        let soft = (try? Pipe.softPagesPerUser).map(String.init) ?? "unknown"
        return .failure(
            "pipe: the kernel gave a pipe of \(ByteSize(granted)) only, because this user's pipes "
                + "are past fs.pipe-user-pages-soft, which is set to \(soft) pages",
            remedy: "`sysctl fs.pipe-user-pages-soft=0` (no limit), close other pipes, or "
                + privilege)
    }

    /// The capability that lifts the limits, which root has outside containers.
    private static var privilege: String {
        ChildProcess.userID == 0
            ? "run with CAP_SYS_RESOURCE, which root in this container lacks"
            : "run with CAP_SYS_RESOURCE"
    }

    private func limit(_ value: (some BinaryInteger)?) -> String {
        value.map { "\($0)" } ?? "an unknown number of"
    }
}
