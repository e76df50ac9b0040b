// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Testing

@testable import Kernels

@Suite("Kernel variants") struct KernelVariantTests {
    @Test("every known name is read and comes back", arguments: KernelVariant.known)
    func roundTrip(variant: KernelVariant) throws {
        #expect(try KernelVariant(variant.name) == variant)
    }

    @Test("the names that scripts rely on are all known")
    func known() {
        let names = [
            "6.12", "6.12+pipe-prealloc", "6.12+pipe-pool", "6.12+pipe-fit", "6.12+dio-cache",
            "6.12+dio-kmemcache", "6.12+pipe-prealloc+dio-cache", "7.2", "7.2-pipe-prealloc",
            "7.2+pipe-prealloc", "7.2+pipe-pool", "7.2+pipe-fit", "7.2+dio-cache",
            "7.2+dio-kmemcache", "7.2+pipe-prealloc+dio-cache", "6.12+dio-simple", "6.12+dio-pool",
            "7.2+dio-sheaf", "7.2+dio-simple", "7.2+dio-pool", "6.12+eventfd-direct",
            "7.2+eventfd-direct",
        ]
        let known = KernelVariant.known.map(\.name)
        #expect(Set(known).isSuperset(of: names))
        #expect(!known.contains("6.12+dio-sheaf"))
    }

    @Test("the order of patches does not matter")
    func canonical() throws {
        let variant = try KernelVariant("6.12+dio-cache+pipe-prealloc")
        #expect(variant.name == "6.12+pipe-prealloc+dio-cache")
        #expect(
            try KernelVariant("7.2+dio-cache-pipe-prealloc").name
                == "7.2-pipe-prealloc+dio-cache")
    }

    @Test("the debug flavour is a word of the name, wherever it stands")
    func debug() throws {
        let variant = try KernelVariant("6.12+debug+dio-cache")
        #expect(variant.isDebug)
        #expect(variant.name == "6.12+dio-cache+debug")
        #expect(try KernelVariant(variant.name) == variant)
        #expect(try KernelVariant("6.12+dio-cache") != variant)
        #expect(variant.changes == ["dio-cache"])
        #expect(try KernelRequest(variant).allPatches().map(\.name) == ["dio-cache"])
    }

    @Test("the full configuration is a word of the name, before the debug flavour")
    func full() throws {
        var variant = try KernelVariant("6.12+debug+full+dio-cache")
        #expect(variant.isFull)
        #expect(variant.name == "6.12+dio-cache+full+debug")
        #expect(try KernelVariant(variant.name) == variant)
        variant.isFull = false
        #expect(variant.name == "6.12+dio-cache+debug")
    }

    @Test("a slab allocator that counts is a word of the name, before the debug flavour")
    func slubStats() throws {
        let variant = try KernelVariant("7.2+slubstats+debug+dio-sheaf")
        #expect(variant.hasSlubStats)
        #expect(variant.name == "7.2+dio-sheaf+slubstats+debug")
        #expect(try KernelVariant(variant.name) == variant)
        #expect(try KernelVariant("7.2+dio-sheaf+debug") != variant)
    }

    @Test("what upstream has is taken out whole by a minus, and gets a switch by a plus")
    func removed() throws {
        let variant = try KernelVariant("7.2-pipe-prealloc")
        #expect(variant.removed == ["pipe-prealloc"])
        #expect(variant.changes.isEmpty)
        let request = KernelRequest(variant)
        #expect(try request.allPatches().map(\.name) == ["pipe-prealloc-revert"])
        #expect(request.appliedPatches.isEmpty)
        let switchable = try KernelVariant("7.2+pipe-prealloc")
        #expect(switchable.changes == ["pipe-prealloc"])
        #expect(KernelRequest(switchable).appliedPatches == ["pipe-prealloc"])
    }

    @Test("a patch takes the place of the upstream change that it excludes")
    func replaced() throws {
        #expect(try KernelVariant("7.2").changes == ["pipe-prealloc"])
        #expect(try KernelVariant("7.2+pipe-fit").changes == ["pipe-fit"])
        #expect(try KernelVariant("7.2+pipe-pool+dio-cache").changes == ["pipe-pool", "dio-cache"])
    }

    @Test(
        "a version without patches of its own gets those of the nearest older one",
        arguments: [("7.3", "7.2"), ("6.18", "6.12"), ("6.6", "6.12"), ("7.10", "7.2")])
    func nearest(version: String, of: String) throws {
        let variant = try KernelVariant("\(version)+dio-cache", anyVersion: true)
        let like = try KernelVariant("\(of)+dio-cache")
        #expect(try KernelRequest(variant).allPatches() == KernelRequest(like).allPatches())
    }

    @Test(
        "a name that is none is refused with the known ones",
        arguments: [
            ("", "version"), ("6", "version"), ("six", "version"), ("6.13", "6.13"),
            ("6.12+pipe-preallok", "did you mean pipe-prealloc"),
            ("6.12-pipe-prealloc", "not have"),
            ("7.2+pipe-prealloc-pipe-prealloc", "twice"), ("6.12+dio-cache+dio-cache", "twice"),
            ("6.12+dio-cache+dio-kmemcache", "same lines"), ("6.12+", "no patch"),
            ("7.2+dio-simple+dio-pool", "same lines"), ("6.12+dio-sheaf", "needs sheaves"),
            ("6.12-slubstats", "not have"),
            ("6.12+pipe-pool+pipe-fit", "same lines"),
            ("7.2-pipe-prealloc+pipe-fit", "pipe-fit and pipe-prealloc change the same lines"),
            ("6.12-debug", "not have"), ("6.12-full", "not have"), ("6.12+debug+debug", "twice"),
            ("../6.12", "version"), ("6.12 ", "version"), ("٦.١٢", "version"),
        ])
    func refused(name: String, message: String) {
        let error = failure { () throws(PlumblineError) in try KernelVariant(name) }
        #expect(error?.kind == .usage)
        #expect(error?.message.contains(message) == true)
        #expect(error?.remedy.contains("6.12+pipe-prealloc+dio-cache, 7.2") == true)
    }

    @Test("another version will do where the user brings the source")
    func otherVersion() throws {
        #expect(try KernelVariant("6.6+dio-cache", anyVersion: true).added == ["dio-cache"])
    }

    @Test("there is a patch of ours for each known variant")
    func patches() throws {
        for variant in KernelVariant.known {
            let patches = try KernelRequest(variant).allPatches()
            // What is taken out gets a switch, and has it turned off.
            #expect(patches.count == variant.added.count + variant.removed.count)
            for patch in patches { #expect(!patch.files.isEmpty) }
        }
    }
}
