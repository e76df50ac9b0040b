// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import TestSupport
import Testing

@testable import Kernels

@Suite(
    "Builds that end early", .serialized,
    .enabled(if: ThisMachine.canBuild, "packages to build a kernel are missing"))
struct BuildEndTests {
    @Test(
        "Ctrl-C in any phase ends at once, and the next build is whole",
        arguments: ["copying", "patching", "configuring", "building", "keeping"])
    func interrupted(phase: String) async throws {
        let shop = try Workshop()
        let request = try shop.request([TinyKernel.patch(to: 2)])
        let error = await shop.failure(of: request) { progress in
            if case .phase(let words) = progress { words.hasPrefix(phase) } else { false }
        }
        #expect(error?.kind == .interrupted)
        #expect(shop.entries.isEmpty)
        #expect(shop.store.list().isEmpty)
        let image = try await shop.build(request)
        #expect(try SystemFile.readBytes(image.path).count == image.entry.imageBytes)
    }

    @Test("Ctrl-C ends a compiler at work with all that make has started")
    func compiling() async throws {
        let shop = try Workshop()
        try shop.scratch.file("src/slow", "")
        let error = await shop.failure(of: try shop.request()) { progress in
            if case .object = progress { true } else { false }
        }
        #expect(error?.kind == .interrupted)
        let path = shop.store.root
        // They have their signal; to die of it takes them a moment where much else runs.
        try eventually("all are gone") {
            try Command.run(["grep", "-lsa", path] + Self.commandLines()).output.isEmpty
        }
    }

    @Test("what a killed Plumbline left at work is never joined by a second make")
    func orphan() async throws {
        let shop = try Workshop()
        _ = try await shop.build(try shop.request())
        let name = try #require(try SystemFile.list(shop.store.builds).first)
        let lock = "\(shop.store.builds)/\(name)/plumbline.lock"
        let null = try Descriptor.open("/dev/null", .write)
        let orphan = try Command.spawn(
            ["flock", "--no-fork", lock, "sleep", "3600"], output: null)
        try eventually("the lock is held") {
            try !Command.run(["flock", "--nonblock", lock, "true"]).succeeded
        }
        let error = await shop.failure(of: try shop.request([TinyKernel.patch(to: 2)]))
        try orphan.kill()
        _ = try orphan.wait()
        #expect(error?.message.contains("is still running") == true)
        _ = try await shop.build(try shop.request([TinyKernel.patch(to: 2)]))
    }

    private static func commandLines() throws -> [String] {
        let own = "\(ChildProcess.currentID)"
        return try SystemFile.list("/proc").filter { Int($0) != nil && $0 != own }.map {
            "/proc/\($0)/cmdline"
        }
    }

    @Test(
        "a full disk is reported, and no incomplete kernel is ever used",
        .enabled(if: ThisMachine.isRoot, "needs root for a small file system"),
        arguments: ["1m", "3m"])
    func full(size: String) async throws {
        let scratch = try Scratch()
        let mounted = try Command.run([
            "mount", "-t", "tmpfs", "-o", "size=\(size)", "plumbline-test", scratch.path,
        ])
        try #require(mounted.succeeded)
        defer { _ = try? Command.run(["umount", scratch.path]) }
        let shop = try Workshop(cache: "\(scratch.path)/cache")
        let error = await shop.failure(of: try shop.request())
        #expect(error?.message.contains("the disk is full") == true)
        #expect(error?.remedy.contains("XDG_CACHE_HOME") == true)
        #expect(shop.store.list().isEmpty)
        #expect(shop.entries.isEmpty)
    }
}
