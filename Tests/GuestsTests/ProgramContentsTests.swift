// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import LabSupport
import Linux
import Protocol
import Testing

@testable import Guests

/// What foreign programs add to a guest.
struct ProgramContentsTests {
    private static let path = "/usr/sbin:/usr/bin:/sbin:/bin"

    private func contents(
        _ run: [String], files: [String] = [], path: String = path
    ) throws(PlumblineError) -> ProgramContents {
        var settings: [String: SettingValue] = ["run": .words(run)]
        if !files.isEmpty { settings["files"] = .words(files) }
        var suite = GuestKernel.suite
        suite.cells = [
            CellPlan(
                name: "program", workload: CommandWorkload.name, settings: settings,
                pressure: "none", pressureSettings: [:])
        ]
        return try ProgramContents(for: suite, searchPath: path)
    }

    @Test func aSuiteWithoutProgramsAddsNothing() throws {
        #expect(
            try ProgramContents(for: GuestKernel.suite, searchPath: Self.path) == ProgramContents())
    }

    @Test func aProgramHasItsLoaderItsLibrariesAndItsFilesAtTheirPlaces() throws {
        try Scratch.with { directory in
            let data = "\(directory)/data/deep"
            try SystemFile.makeDirectories(data, mode: 0o755)
            try Descriptor.open("\(data)/a b", [.write, .create]).writeAll("1")
            let found = try contents(["ls"], files: ["\(directory)/data"])
            let places = Set(found.files.keys).union(found.links.keys)
            #expect(places.contains("/usr/bin/ls"))
            #expect(places.contains("\(data)/a b"))
            #expect(places.contains("/lib64/ld-linux-x86-64.so.2"))
            #expect(places.contains { $0.hasSuffix("/libselinux.so.1") })
            #expect(places.contains("/etc/ld.so.cache"))
            #expect(found.directories == ["/program"])
            // A link leads to a file that is there.
            for target in found.links.values { #expect(found.files[target] != nil, "\(target)") }
            #expect(found.size > 100_000)
        }
    }

    @Test func linksInADirectoryStayLinksAndAreNotFollowed() throws {
        try Scratch.with { directory in
            let made = try Command.run([
                "sh", "-c",
                """
                cd '\(directory)' && mkdir -p tree/deep other && echo 1 >tree/deep/file &&
                echo 2 >other/outside && cd tree && ln -s . self && ln -s b a && ln -s . b &&
                ln -s deep/file link && ln -s ../other/outside outside && ln -s ../other far &&
                ln -s missing broken && ln -s '\(directory)/tree/deep' absolute &&
                ln -s loop loop && ln -s .. deep/up
                """,
            ])
            try #require(made.succeeded, "\(made.output)")
            let tree = "\(directory)/tree"
            let found = try contents(["ls"], files: [tree])
            let files = Set(found.files.keys.filter { $0.hasPrefix(directory) })
            #expect(files == ["\(tree)/deep/file", "\(tree)/outside"])
            #expect(
                found.links.filter { $0.key.hasPrefix(directory) } == [
                    "\(tree)/self": tree, "\(tree)/a": tree, "\(tree)/b": tree,
                    "\(tree)/link": "\(tree)/deep/file", "\(tree)/absolute": "\(tree)/deep",
                    "\(tree)/deep/up": tree,
                ])
        }
    }

    @Test func whatPATHHasElsewhereIsFoundInTheGuestsPATH() throws {
        try Scratch.with { directory in
            let path = "\(directory)/my-program"
            try Descriptor.open(path, [.write, .create], mode: 0o755)
                .writeAll("#!/bin/sh\necho\n")
            let found = try contents(["my-program"], path: "\(directory):\(Self.path)")
            #expect(found.links["/usr/local/bin/my-program"] == path)
            #expect(found.files[path] == path)
        }
    }

    @Test func ourOwnLoopIsFoundBesideThisProgramBehindPATH() throws {
        try Scratch.with { directory in
            let own = "\(directory)/bin/plumbline"
            for path in ["\(directory)/bin", "\(directory)/libexec/plumbline"] {
                try SystemFile.makeDirectories(path, mode: 0o755)
            }
            let places = ProgramFiles.places(path: Self.path, beside: own)
            #expect(places == "\(Self.path):\(directory)/bin:\(directory)/libexec/plumbline")
            #expect(ProgramFiles.places(path: "", beside: "/plumbline") == ":/libexec/plumbline")
            for (folder, name) in [("libexec/plumbline", "pipe-baseline"), ("bin", "ls")] {
                let path = "\(directory)/\(folder)/\(name)"
                try Descriptor.open(path, [.write, .create], mode: 0o755).writeAll("#!/bin/sh\n")
            }
            let path = "\(directory)/libexec/plumbline/pipe-baseline"
            let found = try contents(["pipe-baseline"], path: places)
            #expect(found.links["/usr/local/bin/pipe-baseline"] == path)
            // PATH comes first.
            #expect(try ProgramFiles.find("ls", in: places) == "/usr/bin/ls")
        }
    }

    @Test func whatIsMissingIsSaidBeforeABoot() throws {
        let missing = try #require(
            failure { () throws(PlumblineError) in
                try contents(["plumbline-no-such-program"])
            })
        #expect(missing.message.contains("program: there is no program"))
        #expect(missing.kind == .usage)
        let known = try #require(
            failure { () throws(PlumblineError) in
                try contents(["fio", "job.fio"], path: "/nowhere")
            })
        #expect(known.message.contains("there is no program 'fio' in PATH"))
        #expect(known.remedy.contains("apt-get install fio"))
        let file = try #require(
            failure { () throws(PlumblineError) in
                try contents(["ls"], files: ["/no/such/file"])
            })
        #expect(file.message.contains("'/no/such/file' for the guest"))
        let above = try #require(
            failure { () throws(PlumblineError) in
                try contents(["ls"], files: ["../x/../../etc/passwd"])
            })
        #expect(above.message.contains("for the guest") || above.message.contains("is above"))
    }

    @Test func aDeviceIsRefused() throws {
        let error = try #require(
            failure { () throws(PlumblineError) in
                try contents(["ls"], files: ["/dev/null"])
            })
        #expect(error.message.contains("neither a file nor a directory"))
    }

    @Test func pathsAreMadePlain() {
        for (path, plain) in [
            ("/a/./b", "/a/b"), ("/a//b/", "/a/b"), ("/a/../b", "/b"), ("/../a", "/a"), ("/", "/"),
        ] { #expect(ProgramContents.normal(path) == plain) }
    }

    @Test func anArchiveHasLinks() throws {
        try Scratch.with { directory in
            let target = "\(directory)/target"
            try Descriptor.open(target, [.write, .create]).writeAll("content\n")
            let bytes = try Initramfs.archive(
                ["/x/target": target], links: ["/y/link": "../x/target"], empty: ["/z"])
            let path = "\(directory)/a.cpio"
            try Descriptor.open(path, [.write, .create]).writeAll(bytes)
            let read = try Command.run([
                "sh", "-c",
                "mkdir '\(directory)/out' && cd '\(directory)/out' && cpio --quiet -id "
                    + "--no-absolute-filenames 'x*' 'y*' 'z*' <../a.cpio && cat y/link && ls -d z",
            ])
            #expect(read.output == "content\nz\n")
        }
    }
}
