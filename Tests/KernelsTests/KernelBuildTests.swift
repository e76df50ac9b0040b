// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Testing

@testable import Kernels

@Suite(
    "Building kernels", .serialized,
    .enabled(if: ThisMachine.canBuild, "packages to build a kernel are missing"))
struct KernelBuildTests {
    @Test("a kernel is built, kept, found again, and named by what is in it")
    func first() async throws {
        let shop = try Workshop()
        let request = try shop.request([TinyKernel.patch(to: 2)])
        let image = try await shop.build(request)
        #expect(image.name == "6.12+change0")
        #expect(image.release == "6.12.1-plumbline+change0")
        #expect(image.entry.buildID?.count == 40)
        #expect(SystemFile.exists(image.path) && SystemFile.exists(image.configPath))
        #expect(image.entry.patches.map(\.name) == ["change0"])
        #expect(shop.objects.sorted() == ["fs/other.o", "fs/pipe.o", "init/main.o"])
        #expect(try await shop.build(request) == image)
        #expect(shop.objects.isEmpty)
        #expect(shop.store.find(named: "6.12+change0") == image)
        #expect(shop.store.find(named: image.entry.key) == image)
        // A user's source is not what the name 6.12 stands for.
        #expect(shop.store.find(try KernelVariant("6.12")) == nil)
    }

    @Test("a second variant compiles only what its patch touches, and the first is as before")
    func second() async throws {
        let shop = try Workshop()
        let stock = try await shop.build(try shop.request())
        let bytes = try SystemFile.readBytes(stock.path)
        let changed = try await shop.build(try shop.request([TinyKernel.patch(to: 2)]))
        #expect(shop.objects == ["fs/pipe.o"])
        #expect(try SystemFile.readBytes(changed.path) != bytes)
        #expect(changed.entry.key != stock.entry.key)
        _ = try await shop.build(try shop.request([TinyKernel.patch(to: 3)]))
        #expect(shop.objects == ["fs/pipe.o"])
        UserCache.remove(stock.directory)
        let again = try await shop.build(try shop.request())
        #expect(try SystemFile.readBytes(again.path) == bytes)
    }

    @Test("the commits of a repository share a tree: the next one compiles only what differs")
    func commits() async throws {
        let shop = try Workshop()
        let git = ["git", "-C", shop.source, "-c", "user.name=x", "-c", "user.email=x@localhost"]
        func run(_ words: String...) throws {
            #expect(try Command.run(git + words).succeeded, "\(words)")
        }
        try run("init", "-q")
        try run("add", ".")
        try run("commit", "-qm", "base")
        try run("tag", "base")
        let changed = TinyKernel.pipe.replacing("return 1", with: "return 7")
        try shop.scratch.file("src/fs/pipe.c", changed)
        try run("commit", "-qam", "branch")
        try run("tag", "my/branch")
        func request(_ reference: String, _ patches: [String] = []) throws -> KernelRequest {
            var request = try shop.request(patches)
            request.source = .git(directory: shop.source, reference: reference)
            return request
        }
        let base = try await shop.build(try request("base"))
        #expect(shop.objects.sorted() == ["fs/other.o", "fs/pipe.o", "init/main.o"])
        #expect(base.name == "6.12@base")
        #expect(base.release == "6.12.1-plumbline-base")
        let branch = try await shop.build(try request("my/branch"))
        #expect(shop.objects == ["fs/pipe.o"])
        #expect(branch.release == "6.12.1-plumbline-my-branch")
        #expect(branch.entry.source != base.entry.source)
        #expect(branch.entry.buildID != base.entry.buildID)
        // A patch on one commit leaves nothing behind for the next.
        _ = try await shop.build(try request("my/branch", [TinyKernel.patch(from: 7, to: 8)]))
        #expect(shop.objects == ["fs/pipe.o"])
        let patched = try await shop.build(try request("base", [TinyKernel.patch(to: 2)]))
        #expect(shop.objects == ["fs/pipe.o"])
        #expect(patched.entry.buildID != base.entry.buildID)
        let tree = try #require(shop.store.sources.list().first).tree
        #expect(try SystemFile.read("\(tree)/fs/pipe.c").contains("return 2"))
        try run("diff", "--exit-code", "HEAD")
        #expect(try await shop.build(try request("base")) == base)
        #expect(shop.store.sources.list().count == 1)
    }

    @Test("the user's source is not touched")
    func untouched() async throws {
        let shop = try Workshop()
        _ = try await shop.build(try shop.request([TinyKernel.patch(to: 2)]))
        #expect(try SystemFile.read("\(shop.source)/fs/pipe.c") == TinyKernel.pipe)
    }

    @Test("a change of the source, the configuration or the patch gives another kernel")
    func keys() async throws {
        let shop = try Workshop()
        let one = try await shop.build(try shop.request())
        let two = try await shop.build(try shop.request(fragment: "CONFIG_KEPT=y\n"))
        _ = try TinyKernel.make(in: shop.scratch, sublevel: 2)
        let three = try await shop.build(try shop.request())
        #expect(Set([one, two, three].map(\.entry.key)).count == 3)
        #expect(three.release == "6.12.2-plumbline")
        #expect(try SystemFile.read(two.configPath).contains("CONFIG_KEPT=y"))
    }

    @Test("a patch that does not apply is reported with its hunk, and leaves no trace")
    func badPatch() async throws {
        let shop = try Workshop()
        let error = await shop.failure(of: try shop.request([TinyKernel.patch(from: 7, to: 8)]))
        #expect(error?.kind == .failure)
        #expect(error?.message.contains("change0.patch does not apply to Linux 6.12.1") == true)
        #expect(error?.message.contains("fs/pipe.c: hunk 1 failed at line 2") == true)
        #expect(shop.entries.isEmpty)
        _ = try await shop.build(try shop.request())
        #expect(shop.objects.count == 3)
    }

    @Test("a patch given twice, or in the source already, is refused")
    func twice() async throws {
        let shop = try Workshop()
        let patch = TinyKernel.patch(to: 2)
        let error = await shop.failure(of: try shop.request([patch, patch]))
        #expect(error?.message.contains("is already in Linux 6.12.1, or is given twice") == true)
        let absent = await shop.failure(of: try shop.request(reverting: [patch]))
        #expect(absent?.message.contains("does not have it") == true)
    }

    @Test("a patch is taken out by --revert")
    func reverted() async throws {
        let shop = try Workshop()
        let image = try await shop.build(
            try shop.request(reverting: [TinyKernel.patch(from: 9, to: 1)]))
        #expect(image.name == "6.12-undone0")
        let tree = try #require(shop.store.sources.list().first).tree
        #expect(try SystemFile.read("\(tree)/fs/pipe.c").contains("return 9"))
    }

    @Test("a patch for a file that is not there names the file")
    func missingFile() async throws {
        let shop = try Workshop()
        let patch = "--- a/no/file.c\n+++ b/no/file.c\n@@ -1 +1 @@\n-a\n+b\n"
        let error = await shop.failure(of: try shop.request([patch]))
        #expect(error?.message.contains("no file b/no/file.c") == true)
    }

    @Test("a file that is no patch, or leaves the tree, is refused before anything is done")
    func noPatch() throws {
        let scratch = try Scratch()
        let texts = ["hello\n", "", "--- a/../../etc/x\n+++ b/../../etc/x\n@@ -1 +1 @@\n-a\n+b\n"]
        for text in texts {
            let path = try scratch.file("x.patch", text)
            let error = failure { () throws(PlumblineError) in
                try KernelPatch(readingFrom: path)
            }
            #expect(error?.kind == .usage)
        }
    }

    @Test("a patch that breaks the build shows the compiler's first error and the log")
    func broken() async throws {
        let shop = try Workshop()
        let patch = TinyKernel.patch(to: 2).replacing("return 2;", with: "return nonsense;")
        let error = await shop.failure(of: try shop.request([patch]))
        #expect(error?.message.contains("fs/pipe.c:4:16: error: 'nonsense' undeclared") == true)
        let log = try #require(error?.remedy.split(separator: " ").last)
        #expect(try SystemFile.read(String(log)).contains("nonsense"))
        #expect(shop.entries.isEmpty)
        _ = try await shop.build(try shop.request([TinyKernel.patch(to: 2)]))
    }

    @Test("an option that is lost is an error")
    func lostOption() async throws {
        let shop = try Workshop()
        let error = await shop.failure(of: try shop.request(fragment: "CONFIG_DROPPED=y\n"))
        #expect(error?.message.contains("CONFIG_DROPPED=y came out as n") == true)
        #expect(shop.entries.isEmpty)
    }

    @Test("a source of another version than the variant's is refused")
    func otherVersion() async throws {
        let shop = try Workshop()
        var request = KernelRequest(try KernelVariant("7.2"))
        request.source = .directory(shop.source)
        let error = await shop.failure(of: request)
        #expect(error?.kind == .usage)
        #expect(error?.message.contains("Linux 6.12.1, not 7.2") == true)
    }

    @Test("a tree that a kill left half patched is put back before the next build")
    func dirtyTree() async throws {
        let shop = try Workshop()
        _ = try await shop.build(try shop.request([TinyKernel.patch(to: 2)]))
        let source = try #require(shop.store.sources.list().first)
        try UserCache.write(Array("half".utf8), to: "\(source.tree)/fs/pipe.c")
        let state = try SystemFile.read("\(source.directory)/state.json")
        try UserCache.write(
            Array(state.replacing("\"isSettled\":true", with: "\"isSettled\":false").utf8),
            to: "\(source.directory)/state.json")
        _ = try await shop.build(try shop.request())
        #expect(try SystemFile.read("\(source.tree)/fs/pipe.c") == TinyKernel.pipe)
    }

    @Test("what a killed Plumbline was about to keep is removed, what a live one keeps is not")
    func abandoned() async throws {
        let shop = try Workshop()
        let live = ".new-\(ChildProcess.parentID)-0"
        for name in [".new-999999999-0", live] {
            try UserCache.makeDirectory("\(shop.store.kernels)/\(name)")
        }
        let image = try await shop.build(try shop.request())
        #expect(shop.entries == [live, image.entry.key].sorted())
        #expect(shop.store.list() == [image])
    }

    @Test("a cache in which make cannot work is refused at once")
    func badPlace() async throws {
        let scratch = try Scratch()
        let shop = try Workshop(cache: "\(scratch.path)/a cache")
        let error = await shop.failure(of: try shop.request())
        #expect(error?.remedy.contains("XDG_CACHE_HOME") == true)
    }

    @Test("a damaged or half-made entry is never used")
    func damaged() async throws {
        let shop = try Workshop()
        let image = try await shop.build(try shop.request())
        let file = try Descriptor.open(image.path, .write)
        try file.truncate(to: 100)
        #expect(shop.store.list().isEmpty)
        let again = try await shop.build(try shop.request())
        #expect(try SystemFile.readBytes(again.path).count == again.entry.imageBytes)
        try SystemFile.unlink("\(again.directory)/entry.json")
        #expect(shop.store.list().isEmpty)
    }
}
