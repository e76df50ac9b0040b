// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import LabSupport
import Linux
import Protocol
import Testing

@testable import Guests
@testable import Kernels

struct InitramfsTests {
    @Test func cpioReadsTheArchiveAndFindsEverythingInIt() throws {
        var archive = InitramfsArchive()
        archive.addDirectory("/dev")
        archive.addCharacterDevice("/dev/console", major: 5, minor: 1)
        archive.addFile("/init", Array("#!/bin/sh\n".utf8), mode: 0o755)
        archive.addFile("/odd", [1, 2, 3])
        archive.end()
        try Scratch.with { directory in
            let path = "\(directory)/a.cpio"
            try Descriptor.open(path, [.write, .create]).writeAll(archive.bytes)
            let listing = try Command.run(["sh", "-c", "cpio -itv <'\(path)'"])
            try #require(listing.succeeded, "cpio is needed: \(listing.output)")
            let lines = listing.output.split(separator: "\n")
            #expect(lines.contains { $0.hasPrefix("drwxr-xr-x") && $0.hasSuffix(" dev") })
            #expect(lines.contains { $0.hasPrefix("crw-------") && $0.contains("5,   1") })
            #expect(lines.contains { $0.hasPrefix("-rwxr-xr-x") && $0.hasSuffix(" init") })
            let unpacked = try Command.run([
                "sh", "-c", "cd '\(directory)' && cpio --quiet -id odd init <a.cpio && cat init",
            ])
            #expect(unpacked.output == "#!/bin/sh\n")
            #expect(try Descriptor.open("\(directory)/odd").readAll() == [1, 2, 3])
        }
    }

    @Test func equalContentsMakeEqualArchivesAndOneFile() throws {
        try Scratch.with { directory in
            let agent = "\(directory)/agent"
            try Descriptor.open(agent, [.write, .create], mode: 0o755).writeAll("#!/bin/sh\n")
            let contents = InitramfsContents(agent: agent, helpers: [.makeExt4])
            let first = try Initramfs.make(contents, cache: directory)
            #expect(try Initramfs.make(contents, cache: directory) == first)
            let listing = try Command.run(["sh", "-c", "gzip -dc '\(first)' | cpio --quiet -it"])
            let names = Set(listing.output.split(separator: "\n").map(String.init))
            #expect(names.isSuperset(of: ["init", "dev/console", "proc", "sbin/mkfs.ext4"]))
            #expect(names.contains { $0.contains("/libext2fs.so") })
            #expect(try SystemFile.list("\(directory)/initramfs").count == 1)
            #expect(try Descriptor.open(first).facts().size < Initramfs.sizeLimit)
        }
    }

    @Test func anotherAgentOfEqualLengthMakesAnotherArchive() throws {
        try Scratch.with { directory in
            let agent = "\(directory)/agent"
            let paths = try ["one", "two"].map { word in
                try Descriptor.open(agent, [.write, .create, .truncate], mode: 0o755)
                    .writeAll("#!/bin/\(word)\n")
                return try Initramfs.make(InitramfsContents(agent: agent), cache: directory)
            }
            #expect(Set(paths).count == 2)
        }
    }

    @Test func archivesThatNobodyUsedForAWeekGoWhenAnotherIsMade() throws {
        try Scratch.with { directory in
            let agent = "\(directory)/agent"
            func make(_ word: String) throws -> String {
                try Descriptor.open(agent, [.write, .create, .truncate], mode: 0o755)
                    .writeAll("#!/bin/\(word)\n")
                return try Initramfs.make(InitramfsContents(agent: agent), cache: directory)
            }
            func age(_ path: String) throws {
                #expect(try Command.run(["touch", "-d", "8 days ago", path]).succeeded)
            }
            let (unused, used, held) = (try make("one"), try make("two"), try make("three"))
            let outside = "\(directory)/elsewhere"
            try Descriptor.open(outside, [.write, .create]).writeAll("x")
            let link = "\(directory)/initramfs/link.cpio.gz"
            #expect(try Command.run(["ln", "-s", outside, link]).succeeded)
            for path in [unused, used, held, outside] { try age(path) }
            #expect(try Command.run(["touch", "-h", "-d", "8 days ago", link]).succeeded)
            try CacheUse.hold(held, in: directory)
            #expect(try make("two") == used)
            _ = try make("four")
            #expect(!SystemFile.exists(unused))
            for path in [used, held, outside, link] { #expect(SystemFile.exists(path)) }
        }
    }

    @Test func lddsThreeFormsOfLinesAreRead() {
        let text = """
            \tlinux-vdso.so.1 (0x00007ffd)
            \tlibext2fs.so.2 => /lib/x86_64-linux-gnu/libext2fs.so.2 (0x00007f)
            \tlibgone.so.1 => not found
            \t/lib64/ld-linux-x86-64.so.2 (0x00007f)
            """
        let (found, missing) = InitramfsContents.parse(text)
        #expect(
            found == ["/lib/x86_64-linux-gnu/libext2fs.so.2", "/lib64/ld-linux-x86-64.so.2"])
        #expect(missing == ["libgone.so.1"])
        #expect(InitramfsContents.parse("\tnot a dynamic executable\n").found.isEmpty)
    }

    @Test func aSuiteGetsTheHelpersOfItsStorageAndPressure() {
        func cell(_ storage: SettingValue?, _ pressure: String) -> CellPlan {
            CellPlan(
                name: "c", workload: "dio", settings: storage.map { ["storage": $0] } ?? [:],
                pressure: pressure, pressureSettings: [:])
        }
        func helpers(_ cells: [CellPlan]) -> Set<GuestProgram> {
            InitramfsContents.helpers(
                for: SuiteRecord(
                    name: "t", summary: "", slice: 1, guardTime: 0, warmup: 0, slices: 1,
                    pressureThreshold: 1, cells: cells))
        }
        #expect(helpers([cell("null_blk", "none")]).isEmpty)
        #expect(helpers([cell(nil, "none")]) == [.makeExt4])
        #expect(helpers([cell("null_blk", "memcg")]) == [.makeExt4])
        #expect(
            helpers([cell("brd:ext4", "anon"), cell("virtio:xfs", "none")])
                == [.makeExt4, .makeXFS, .makeSwap])
    }

    @Test func theDirectoriesAboveAFileComeInOrder() {
        #expect(Initramfs.parents("/lib/x/y.so") == ["/lib", "/lib/x"])
        #expect(Initramfs.parents("/init").isEmpty)
    }
}
