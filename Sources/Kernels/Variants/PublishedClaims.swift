// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol

/// What was published of the changes that our patches make, for cells of the published set-ups.
public enum PublishedClaims {
    private struct Entry {
        var change: String
        var cells: Glob
        var claim: ComparisonRecord.Claim
    }

    /// Pipes: +6 to +28 % in nine cells without pressure, +21 to +48 % with system-wide pressure by
    /// anonymous memory, none for a cgroup at its limit. Direct I/O: +2.6 % of io_uring's reads with
    /// memory to spare, on ext4 over a fast disk (here zram or brd); and that it does not block when
    /// memory is short, which nobody measured. That is about the machine's memory: the structure is
    /// not charged to a group.
    private static let entries: [Entry] = [
        Entry(
            change: "pipe-prealloc", cells: Glob("pipe/*/64KiB/1MiB*/none"),
            claim: .change(low: 6, high: 28)),
        Entry(
            change: "pipe-prealloc", cells: Glob("pipe/*/64KiB/1MiB*/anon*"),
            claim: .change(low: 21, high: 48)),
        Entry(
            change: "dio-cache", cells: Glob("dio/randread/4KiB/qd128/io_uring*[md]:ext4*/none"),
            claim: .change(low: 2.6, high: 2.6)),
        Entry(
            change: "dio-cache", cells: Glob("dio/*:ext4*/anon*"), claim: .noStalls),
    ]

    /// The claims on a comparison's cells, where B has the change and A does not.
    public static func claims(
        on suite: SuiteRecord, changes: Set<String>
    ) -> [String: ComparisonRecord.Claim]? {
        var claims: [String: ComparisonRecord.Claim] = [:]
        for cell in suite.cells {
            let entry = entries.first { entry in
                changes.contains(entry.change) && entry.cells.matches(cell.name)
            }
            if let entry { claims[cell.name] = entry.claim }
        }
        return claims.isEmpty ? nil : claims
    }
}
