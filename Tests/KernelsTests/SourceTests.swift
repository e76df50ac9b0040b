// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Testing

@testable import Kernels

@Suite("Kernel sources", .serialized) struct SourceTests {
    private func fetch(_ spec: SourceSpec, _ shop: Workshop) async throws -> KernelSource {
        try await KernelBuilder(
            store: shop.store, environment: [:], progress: { _ in }, isInterrupted: { false }
        ).source(spec)
    }

    @Test("a directory, an archive and a commit give the same tree")
    func sources() async throws {
        let shop = try Workshop()
        let root = shop.scratch.path
        let archive = "\(root)/linux.tar.gz"
        #expect(try Command.run(["tar", "-czf", archive, "-C", root, "src"]).succeeded)
        let git = ["git", "-C", shop.source, "-c", "user.name=x", "-c", "user.email=x@localhost"]
        for words in [["init", "-q"], ["add", "."], ["commit", "-qm", "x"]] {
            #expect(try Command.run(git + words).succeeded)
        }
        let specs: [SourceSpec] = [
            .directory(shop.source), .tarball(archive),
            .git(directory: shop.source, reference: "HEAD"),
        ]
        for spec in specs {
            let source = try await fetch(spec, shop)
            #expect(source.version == "6.12" && source.release == "6.12.1")
            #expect(try SystemFile.read("\(source.tree)/fs/pipe.c") == TinyKernel.pipe)
            #expect(!SystemFile.exists("\(source.tree)/.git"))
            #expect(try await fetch(spec, shop) == source)
        }
        #expect(shop.store.sources.list().count == 3)
    }

    @Test("what is no kernel source is refused, and nothing is kept")
    func noKernel() async throws {
        let shop = try Workshop()
        let scratch = try Scratch()
        try scratch.file("tree/Makefile", "all:\n")
        let text = try scratch.file("text", "hello")
        #expect(
            try Command.run(["tar", "-cf", "\(scratch.path)/a.tar", "-C", scratch.path, "tree"])
                .succeeded)
        let specs: [(SourceSpec, String)] = [
            (.directory("\(scratch.path)/tree"), "not a kernel source: it has no Kconfig"),
            (.tarball("\(scratch.path)/a.tar"), "not a kernel source: it has no Kconfig"),
            (.tarball(text), "unpacking"),
            (.git(directory: scratch.path, reference: "HEAD"), "is not a git repository"),
        ]
        for (spec, message) in specs {
            var said: PlumblineError?
            do { _ = try await fetch(spec, shop) } catch { said = error as? PlumblineError }
            #expect(said?.kind == .usage)
            #expect(said?.message.contains(message) == true)
        }
        #expect(shop.store.sources.list().isEmpty)
        let left = try SystemFile.list(shop.store.sources.root).filter { $0 != ".lock" }
        #expect(left.isEmpty)
    }

    @Test("a --source that names nothing is refused")
    func spec() {
        for text in ["/no/such/place", "git:", "git:/src", "git:@v6", "git:/src@", "/dev/null"] {
            let error = failure { () throws(PlumblineError) in try SourceSpec(text) }
            #expect(error?.kind == .usage, "\(text)")
        }
    }

    @Test("the mirror is Debian's own, not that of security or of others")
    func mirror() {
        let lines = [
            "http://other.invalid/apt main", "http://mirror.invalid/debian-security/ main",
            "http://mirror.invalid/debian/ main", "",
        ]
        #expect(Apt.mirror(in: lines) == "http://mirror.invalid/debian/")
        #expect(Apt.mirror(in: ["garbage"]) == nil)
    }

    @Test("the private configuration leaves the machine's own alone")
    func privateApt() {
        let config = Apt(
            directory: "/c", mirror: "http://m.invalid/debian/", suite: "sid", keyring: "/k.gpg")
        #expect(config.list == "deb [signed-by=/k.gpg] http://m.invalid/debian/ sid main\n")
        let words = config.download("linux-source-7.2", version: "7.2.1-1")
        #expect(words.contains("Dir::Etc::sourcelist=/c/sources.list"))
        #expect(words.contains("Dir::State=/c/state"))
        #expect(words.contains("Dir::Cache=/c/cache"))
        #expect(words.suffix(2) == ["download", "linux-source-7.2=7.2.1-1"])
    }

    @Test("the candidate is read as apt prints it")
    func candidate() {
        let lines = ["linux-source-6.12:", "  Installed: (none)", "  Candidate: 6.12.1-1"]
        #expect(Apt.candidate(in: lines) == "6.12.1-1")
        #expect(Apt.candidate(in: ["  Candidate: (none)"]) == nil)
    }
}
