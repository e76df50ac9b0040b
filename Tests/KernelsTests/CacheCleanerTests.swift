// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Protocol
import Testing

@testable import Kernels

@Suite("Cleaning the cache") struct CacheCleanerTests {
    private let scratch: Scratch
    private let root: String
    private let store: KernelStore

    /// A cache with two kernels, two sources with a build each, an initramfs and the result of a KVM trial.
    init() throws {
        scratch = try Scratch()
        root = "\(scratch.path)/cache"
        store = KernelStore(root: root)
        for (key, name) in [("k1", "6.12"), ("k2", "6.12+dio-cache")] {
            let entry = KernelEntry(
                key: key, name: name, release: "6.12.1", source: "s", isStandard: true,
                patches: [], configuration: "c", deviations: [], absentOptions: [],
                unfaithfulOptions: [], toolchain: "gcc", imageBytes: 5,
                finished: 1, buildSeconds: 1, objects: 1)
            _ = try store.add(
                entry, files: [KernelStore.imageName: try scratch.file("image", "hello")])
        }
        for key in ["s1", "s2"] {
            let source = KernelSource(
                version: "6.12", release: "6.12.1", identity: key, obtained: 1)
            try UserCache.makeDirectory("\(root)/sources/\(key)/tree")
            try UserCache.write(
                LineCodec.encode(source), to: "\(root)/sources/\(key)/source.json")
            try scratch.file("cache/sources/\(key)/lock", "")
            try scratch.file("cache/builds/b\(key)/vmlinux", "objects")
            try scratch.file("cache/builds/b\(key)/plumbline.lock", "")
            try link("\(root)/sources/\(key)/tree", "\(root)/builds/b\(key)/source")
        }
        try scratch.file("cache/initramfs/1.cpio.gz", "x")
        try scratch.file("cache/kvm-1-2-3-4", "tcg\n")
        try scratch.file("outside/precious", "x")
    }

    private func link(_ target: String, _ path: String) throws {
        #expect(try Command.run(["ln", "-s", target, path]).succeeded)
    }

    private func clean(
        _ scope: CacheCleaner.Scope, isDryRun: Bool = false
    ) throws -> [String: CacheCleaner.Item.Outcome] {
        let items = try CacheCleaner(store: store, isDryRun: isDryRun).clean(scope)
        return Dictionary(uniqueKeysWithValues: items.map { ($0.name, $0.outcome) })
    }

    private var left: [String] {
        ["builds", "initramfs", "kernels", "sources"].flatMap { directory in
            ((try? SystemFile.list("\(root)/\(directory)")) ?? []).map { "\(directory)/\($0)" }
        }
    }

    private static let needed = ["kernels/k1", "kernels/k2", "sources/s1", "sources/s2"]
    private static let unneeded = [
        "builds/bs1", "builds/bs2", "initramfs/1.cpio.gz", "kvm-1-2-3-4",
    ]

    @Test("a dry run reports what would go, and removes nothing")
    func dryRun() throws {
        let before = left
        #expect(try clean(.unneeded, isDryRun: true).keys.sorted() == Self.unneeded)
        #expect(left == before)
    }

    @Test("what no built kernel needs goes; kernels and sources stay")
    func unneeded() throws {
        let outcomes = try clean(.unneeded)
        #expect(outcomes.keys.sorted() == Self.unneeded)
        #expect(outcomes.values.allSatisfy { $0 == .removed })
        #expect(left == Self.needed)
        #expect(store.list().count == 2)
    }

    @Test("all goes when all is to go")
    func all() throws {
        #expect(try clean(.all).values.allSatisfy { $0 == .removed })
        #expect(left.isEmpty)
        #expect(try clean(.all).isEmpty)
    }

    @Test("a kernel goes by its name or key, and nothing else; another name is refused")
    func byName() throws {
        #expect(try clean(.kernels(["6.12+dio-cache"])) == ["kernels/k2": .removed])
        #expect(store.list().map(\.name) == ["6.12"])
        let error = failure { () throws(PlumblineError) in
            try CacheCleaner(store: store, isDryRun: false).clean(.kernels(["6.12+dio-cache"]))
        }
        #expect(error?.kind == .usage)
        #expect(error?.remedy == "known kernels: 6.12")
        #expect(try clean(.kernels(["k1"])) == ["kernels/k1": .removed])
    }

    @Test("the source and the objects of a running build stay", arguments: ["source", "make"])
    func runningBuild(by holder: String) throws {
        let path = holder == "source" ? "sources/s1/lock" : "builds/bs1/plumbline.lock"
        let lock = try Descriptor.open("\(root)/\(path)", [.write])
        try lock.lockExclusively()
        let outcomes = try clean(.all)
        #expect(outcomes["builds/bs1"] == .kept("it is in use"))
        #expect(outcomes["builds/bs2"] == .removed)
        #expect(SystemFile.exists("\(root)/builds/bs1/vmlinux"))
        if holder == "source" { #expect(outcomes["sources/s1"] == .kept("it is in use")) }
        _ = lock.rawValue
    }

    @Test("a build whose source is not to be seen stays while anything is built")
    func unknownBuild() throws {
        try SystemFile.unlink("\(root)/builds/bs1/source")
        let lock = try Descriptor.open("\(root)/sources/s2/lock", [.write])
        try lock.lockExclusively()
        #expect(try clean(.unneeded)["builds/bs1"] == .kept("it is in use"))
        _ = lock.rawValue
    }

    @Test("the kernel and the initramfs of a guest stay, and what is just being made")
    func runningGuest() throws {
        // By another name for the cache, too.
        try link(root, "\(scratch.path)/alias")
        try CacheUse.hold("\(scratch.path)/alias/kernels/k1/bzImage", in: root)
        try CacheUse.hold("\(root)/initramfs/1.cpio.gz", in: root)
        let own = "making-\(ChildProcess.currentID)-1"
        try scratch.file("cache/initramfs/\(own)", "x")
        let outcomes = try clean(.all)
        for name in ["kernels/k1", "initramfs/1.cpio.gz", "initramfs/\(own)"] {
            #expect(outcomes[name] == .kept("it is in use"))
            #expect(SystemFile.exists("\(root)/\(name)"))
        }
        #expect(outcomes["kernels/k2"] == .removed)
    }

    @Test("links inside the cache lead nowhere; a cache that is a link is cleaned")
    func links() throws {
        try link("\(scratch.path)/outside", "\(root)/builds/away")
        try link("\(scratch.path)/outside", "\(root)/builds/bs1/away")
        try CacheFile("\(root)/initramfs")?.remove()
        try link("\(scratch.path)/outside", "\(root)/initramfs")
        let linked = KernelStore(root: "\(scratch.path)/linked")
        try link(root, linked.root)
        let items = try CacheCleaner(store: linked, isDryRun: false).clean(.all)
        let outcomes = Dictionary(uniqueKeysWithValues: items.map { ($0.name, $0.outcome) })
        #expect(outcomes["builds/away"] == .kept("it is a link out of the cache"))
        #expect(outcomes["initramfs"] == .kept("it is a link out of the cache"))
        #expect(outcomes["builds/bs1"] == .removed)
        #expect(SystemFile.exists("\(scratch.path)/outside/precious"))
        #expect(left == ["builds/away", "initramfs/precious"])
    }

    @Test("a kernel that is gone cannot be held, and one outside the cache need not")
    func held() throws {
        let error = failure { () throws(PlumblineError) in
            try CacheUse.hold("\(root)/kernels/none/bzImage", in: root)
        }
        #expect(error?.message.contains("is removing") == true)
        try CacheUse.hold("/no/such/image", in: root)
    }
}
