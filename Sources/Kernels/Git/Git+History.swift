// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

extension Git {
    /// How many commits a newer one has that an older one has not.
    ///
    /// - Throws: `usage` where the older one is the newer one, or is not among its ancestors.
    package func count(
        from old: Commit, to new: Commit, options: (old: String, new: String)
    ) async throws(PlumblineError) -> Int {
        guard old.hash != new.hash else {
            throw .usage(
                "\(options.old) and \(options.new) are the same commit, \(old)",
                remedy: "give two commits")
        }
        let ancestry = try await run(["merge-base", "--is-ancestor", old.hash, new.hash])
        guard ancestry.code <= 1 else {
            throw .failure("git merge-base failed: \(Self.words(of: ancestry))")
        }
        guard ancestry.succeeded else {
            throw .usage(
                "\(options.old) \(old.short) is not an ancestor of \(options.new) \(new.short)",
                remedy: "`git -C \(place) merge-base \(old.short) \(new.short)` finds one")
        }
        let counted = try await require(
            ["rev-list", "--count", "\(old.hash)..\(new.hash)", "--"], purpose: "counting commits")
        return counted.lines.last.flatMap { Int($0) } ?? 0
    }

    /// The commits from one to another, the older one left out: each is the parent of the next.
    ///
    /// - Throws: `usage` where a commit has more than one parent.
    package func line(from old: Commit, to new: Commit) async throws(PlumblineError) -> [Commit] {
        let listed = try await require(
            [
                "log", "--reverse", "--topo-order", "--format=%H%x09%P%x09%s",
                "\(old.hash)..\(new.hash)", "--",
            ], purpose: "listing commits")
        var commits: [Commit] = []
        for line in listed.lines {
            let fields = line.split(
                separator: "\t", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, Self.isHash(fields[0]) else { continue }
            let commit = Commit(hash: String(fields[0]), subject: String(fields[2]))
            guard fields[1] == (commits.last ?? old).hash else {
                throw .usage(
                    "\(old.short)..\(new.short) is not one line of commits: \(commit) is a merge, "
                        + "or follows another one",
                    remedy: "rebase the series, or give the part of it without merges")
            }
            commits.append(commit)
        }
        return commits
    }
}
