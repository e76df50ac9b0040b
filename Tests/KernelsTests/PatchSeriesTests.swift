// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Testing

@testable import Kernels

/// Patches from commits and from mails, in real repositories.
@Suite("Series of patches", .serialized) struct PatchSeriesTests {
    private let scratch: Scratch
    private let repository: SmallRepository

    init() throws {
        scratch = try Scratch()
        repository = try SmallRepository(in: scratch, commits: 5)
    }

    private func read(
        _ origin: PatchSeries.Origin, base: String? = nil, path: String = "/usr/bin:/bin"
    ) async throws(PlumblineError) -> PatchSeries {
        try await PatchSeries(
            origin, base: base, in: Git(in: repository.path, isInterrupted: { false }), path: path)
    }

    private func refused(
        _ origin: PatchSeries.Origin, base: String? = nil, says words: [String],
        kind: PlumblineError.Kind = .usage
    ) async {
        do {
            _ = try await read(origin, base: base, path: scratch.path)
            Issue.record("not refused: \(origin)")
        } catch {
            #expect(error.kind == kind, "\(error)")
            for word in words { #expect("\(error)".contains(word), "\(error)") }
        }
    }

    /// The commits after one as a file of mails.
    private func mails(after number: Int) throws -> String {
        try scratch.file(
            "series.mbox",
            repository.git("format-patch", "--stdout", repository.commits[number]) + "\n")
    }

    @Test("a range is its commits, the oldest first")
    func range() async throws {
        let series = try await read(
            .range(base: repository.commits[1], tip: repository.commits[4]))
        #expect(series.base.hash == repository.commits[1])
        #expect(series.patches.map(\.hash) == Array(repository.commits[2...4]))
        #expect(series.patches.map(\.subject) == (2...4).map { "set value to \($0)" })
    }

    @Test("commits that are not there, not in a line or the wrong way round are refused")
    func wrongRanges() async throws {
        var repository = repository
        let commits = repository.commits
        await refused(.range(base: "-x", tip: "main"), says: ["'-x'", "expected a commit"])
        await refused(.range(base: "nowhere", tip: "main"), says: ["nowhere: no such commit"])
        await refused(.range(base: "main", tip: "main"), says: ["the same commit"])
        await refused(.range(base: commits[4], tip: commits[1]), says: ["is not an ancestor of"])
        try repository.git("checkout", "-q", "-b", "side", commits[2])
        try repository.commit(1, file: "other")
        try repository.git("checkout", "-q", "main")
        try repository.git("merge", "-q", "-m", "both", "side")
        await refused(.range(base: commits[1], tip: "main"), says: ["is not one line of commits"])
    }

    @Test("a directory without a repository is refused with git's words")
    func noRepository() async throws {
        for place in [scratch.path, "/no/such/place", "-x"] {
            do {
                try await Git(in: place, isInterrupted: { false }).check()
                Issue.record("not refused: \(place)")
            } catch {
                #expect(error.message == "--repo \(place) is not a git repository")
                #expect(error.remedy.hasPrefix("fatal: "), "\(error)")
            }
        }
    }

    @Test("mails become the same commits each time, and nothing else changes")
    func mailbox() async throws {
        let file = try mails(after: 1)
        try repository.git("reset", "-q", "--hard", repository.commits[1])
        try repository.write("changed by the user\n", to: "value")
        let mark = try repository.addHooks()
        let before = try repository.state()
        try? SystemFile.unlink(mark)
        let first = try await read(.mailbox(file), base: "main")
        let second = try await read(.mailbox(file), base: "main")
        #expect(first.patches.map(\.subject) == (2...4).map { "set value to \($0)" })
        #expect(first == second)
        #expect(!SystemFile.exists(mark))
        #expect(try repository.state() == before)
        #expect(try SystemFile.read("\(repository.path)/value") == "changed by the user\n")
    }

    @Test("a patch that does not apply is named with git's words")
    func doesNotApply() async throws {
        let file = try mails(after: 1)
        let before = try repository.state()
        await refused(
            .mailbox(file), base: repository.commits[0],
            says: ["does not apply to", "patch does not apply", "failed at 0001 set value to 2"])
        #expect(try repository.state() == before)
    }

    @Test("mails without a patch, and none at all, are refused")
    func noPatches() async throws {
        let letter = """
            From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001
            From: A. Tester <tester@localhost>
            Date: Mon, 5 Jan 2026 10:00:00 +0000
            Subject: [PATCH 0/2] only words

            A cover letter.

            """
        for text in ["", "hello\n", letter] {
            let file = try scratch.file("none.mbox", text)
            await refused(.mailbox(file), base: "main", says: ["has no patch"])
        }
    }

    @Test("content of mails is only data: paths outside the tree are refused")
    func outside() async throws {
        let patch = """
            From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001
            From: A. Tester <tester@localhost>
            Date: Mon, 5 Jan 2026 10:00:00 +0000
            Subject: [PATCH] $(touch /tmp/plumbline-outside)

            ---
            diff --git a/../outside b/../outside
            new file mode 100644
            index 0000000..ce01362
            --- /dev/null
            +++ b/../outside
            @@ -0,0 +1 @@
            +hello

            """
        let file = try scratch.file("outside.mbox", patch)
        await refused(.mailbox(file), base: "main", says: ["invalid path"])
        #expect(!SystemFile.exists("\(scratch.path)/outside"))
        #expect(!SystemFile.exists("/tmp/plumbline-outside"))
    }

    @Test("mails need a base, and a message-id needs b4")
    func missing() async throws {
        await refused(.mailbox("x"), says: ["mails need --base"])
        await refused(.message("1@x"), says: ["mails need --base"])
        await refused(
            .message("1@x"), base: "main", says: ["b4", "apt-get install b4"], kind: .failure)
    }

    @Test("what b4 leaves is applied, and its words are quoted; a script stands in for it")
    func tool() async throws {
        let file = try mails(after: 1)
        let good = "#!/bin/sh\n[ \"$1 $2 $4\" = 'am --outdir 1@x' ] && cp '\(file)' \"$3/v1.mbx\"\n"
        let bad = "#!/bin/sh\necho 'Server returned an error: 404' >&2\nexit 1\n"
        let tool = "\(scratch.path)/bin/b4"
        try scratch.file("bin/b4", good)
        #expect(try Command.run(["chmod", "+x", tool]).succeeded)
        let series = try await read(
            .message("1@x"), base: repository.commits[1], path: "\(scratch.path)/bin")
        #expect(series.patches.count == 3)
        try scratch.file("bin/b4", bad)
        do {
            _ = try await read(.message("1@x"), base: "main", path: "\(scratch.path)/bin")
            Issue.record("not refused")
        } catch {
            #expect(error.message == "b4 am 1@x failed: Server returned an error: 404")
        }
    }

    @Test("of b4's traceback without a network, the host and the reason are told")
    func noConnection() {
        let lines = [
            "Grabbing thread from lore.kernel.org/all/1%40x/t.mbox.gz",
            "Traceback (most recent call last):", "  File \"adapters.py\", line 565, in send",
            "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='lore.kernel.org', "
                + "port=443): Max retries exceeded with url: /all/1%40x/t.mbox.gz (Caused by "
                + "NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x7f>: Failed "
                + "to establish a new connection: [Errno -2] Name or service not known'))", "",
        ]
        #expect(
            PatchSeries.words(ofTool: lines)
                == "cannot reach lore.kernel.org: Name or service not known")
        let other = ["Traceback (most recent call last):", "KeyError: 'x'"]
        #expect(PatchSeries.words(ofTool: other) == "KeyError: 'x'")
        #expect(PatchSeries.words(ofTool: ["a", "", "b"]) == "a; b")
    }
}
