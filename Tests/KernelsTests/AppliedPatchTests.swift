// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import LabSupport
import Linux
import Testing

@testable import Kernels

/// Files of Debian's sources as they are without patches, where such a source is in the cache.
private enum StockSource {
    /// By version.
    static let sources: [String: KernelSource] = {
        let environment = ProcessInfo.processInfo.environment
        guard let root = try? UserCache.root(environment) else { return [:] }
        let store = SourceStore(root: "\(root)/sources")
        return KernelVariant.versions.reduce(into: [:]) { $0[$1] = store.find(packaged: $1) }
    }()

    static let variants = KernelVariant.known.filter { sources[$0.version] != nil }

    /// Copies files and applies patches to them, each without fuzz.
    static func apply(_ patches: [KernelPatch], to version: String) throws {
        let source = try #require(sources[version])
        let scratch = try Scratch()
        for file in Set(patches.flatMap(\.files)) {
            let pristine = "\(source.directory)/pristine/\(file)"
            let path = SystemFile.exists(pristine) ? pristine : "\(source.tree)/\(file)"
            try scratch.file(file, SystemFile.read(path))
        }
        for patch in patches {
            let file = try scratch.file("\(patch.name).patch", patch.text)
            let words = BuildCommand.patch(file, isReverted: false, isDryRun: false)
            let output = try Command.run(words + ["--fuzz=0", "--directory=\(scratch.path)"])
            #expect(output.succeeded, "\(patch.name) on \(version): \(output.output)")
        }
    }
}

@Suite(
    "Patches apply to Debian's sources",
    .enabled(if: !StockSource.variants.isEmpty, "needs `plumbline kernel source 6.12 7.2`"))
struct AppliedPatchTests {
    @Test("those of each known variant do", arguments: StockSource.variants)
    func known(variant: KernelVariant) throws {
        let patches = try KernelRequest(variant).allPatches()
        try StockSource.apply(patches, to: variant.version)
    }

    @Test(
        "a broken kernel's patch applies after ours",
        arguments: BrokenKernel.all.filter { StockSource.sources[$0.variant.version] != nil })
    func broken(kernel: BrokenKernel) throws {
        try StockSource.apply(kernel.request.allPatches(), to: kernel.variant.version)
    }
}
