// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Protocol
import Testing

@testable import Kernels

@Suite("The cache of kernels") struct KernelStoreTests {
    private let scratch: Scratch
    private let store: KernelStore

    init() throws {
        scratch = try Scratch()
        store = KernelStore(root: "\(scratch.path)/cache")
    }

    private func add(
        _ key: String, _ change: (inout KernelEntry) throws -> Void = { _ in }
    ) throws -> KernelImage {
        var entry = KernelEntry(
            key: key, name: "6.12", release: "6.12.1-plumbline",
            source: "linux-source-6.12 6.12.1-1", isStandard: true, patches: [],
            configuration: try ConfigPlan(version: "6.12").hash, deviations: [],
            absentOptions: [], unfaithfulOptions: [], toolchain: "gcc 1",
            imageBytes: 5, finished: 1, buildSeconds: 1, objects: 1)
        try change(&entry)
        let image = try scratch.file("image", "hello")
        return try store.add(entry, files: [KernelStore.imageName: image])
    }

    private let stock = KernelVariant(version: "6.12")

    @Test("a variant's kernel is found by what is in it")
    func found() throws {
        #expect(store.find(stock) == nil)
        let image = try add("a")
        #expect(store.find(stock) == image)
        #expect(store.find(stock, toolchain: "gcc 1") == image)
        #expect(store.find(try KernelVariant("6.12+dio-cache")) == nil)
        #expect(try SystemFile.read(image.path) == "hello")
    }

    @Test("what another compiler, configuration, patch or wish of the user made is not it")
    func other() throws {
        _ = try add("a") { $0.toolchain = "gcc 2" }
        _ = try add("b") { $0.configuration = "old" }
        _ = try add("c") { $0.patches = [.init(name: "x", sha256: "1", reverted: false)] }
        _ = try add("d") { $0.isStandard = false }
        #expect(store.find(stock, toolchain: "gcc 1") == nil)
        #expect(store.list().count == 4)
    }

    @Test("a kernel of an older source is not it once there is a newer one")
    func newerSource() throws {
        let old = try add("a")
        let source = KernelSource(
            version: "6.12", release: "6.12.2", identity: "linux-source-6.12 6.12.2-1",
            obtained: 2)
        try scratch.file(
            "cache/sources/\(SourceStore.key(source.identity))/source.json",
            String(decoding: try LineCodec.encode(source), as: UTF8.self))
        #expect(store.find(stock) == nil)
        #expect(store.find(named: "6.12") == old)
        let new = try add("b") { $0.source = source.identity }
        #expect(store.find(stock) == new)
    }

    @Test("a patch of ours that has changed since is built anew")
    func changedPatch() throws {
        let variant = try KernelVariant("6.12+dio-cache")
        let patch = try #require(KernelRequest(variant).allPatches().first)
        _ = try add("a") {
            $0.name = variant.name
            $0.patches = [.init(name: patch.name, sha256: "older", reverted: false)]
        }
        #expect(store.find(variant) == nil)
        let image = try add("b") {
            $0.name = variant.name
            $0.patches = [.init(name: patch.name, sha256: patch.hash, reverted: false)]
        }
        #expect(store.find(variant) == image)
    }
}
