// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import Testing

@testable import Commands
@testable import Kernels

@Suite("plumbline kernel") struct KernelCommandTests {
    private func invoke(_ words: String, cache: String) async -> Invocation {
        await Invocation(
            words.split(separator: " ").map(String.init), environment: ["XDG_CACHE_HOME": cache])
    }

    @Test("an empty cache lists every variant that can be built")
    func emptyList() async throws {
        let scratch = try ScratchDirectory()
        let text = await invoke("kernel list", cache: scratch.path)
        #expect(text.code == 0)
        let names = KernelVariant.known.map(\.name).joined(separator: ", ")
        let words = text.document.split { $0.isWhitespace }.joined(separator: " ")
        #expect(words == "not built yet: \(names)")
        #expect(text.document.hasPrefix("not built yet: 6.12, 6.12+pipe-prealloc, "))
        let lines = text.document.split(separator: "\n")
        #expect(lines.count > 1 && lines.allSatisfy { $0.count <= 80 })
        #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("  6.12") || $0.hasPrefix("  7.2") })
        let json = await invoke("kernel list --format json", cache: scratch.path)
        #expect(json.document == "{\"kernels\":[],\"schema\":\"plumbline.kernels/1\"}\n")
        #expect(json.diagnostics.isEmpty)
    }

    private func entry() -> KernelEntry {
        KernelEntry(
            key: "k", name: "6.12+dio-cache", release: "6.12.1-plumbline+dio-cache", source: "s",
            isStandard: true, patches: [], configuration: "c", deviations: [], absentOptions: [],
            unfaithfulOptions: [], toolchain: "t", imageBytes: 1, finished: 0,
            buildSeconds: 1, objects: 1)
    }

    @Test("a list is a table of names, releases and images")
    func list() throws {
        let text = KernelList([KernelImage(entry: entry(), directory: "/c/k")]).page.text()
        let lines = text.split(separator: "\n")
        #expect(lines[0] == "name            release                     image")
        #expect(lines[1] == "6.12+dio-cache  6.12.1-plumbline+dio-cache  /c/k/bzImage")
        #expect(!lines[2].contains("6.12+dio-cache,"))
        var relinked = entry()
        relinked.layout = .init(KernelLayout(1), plain: "k")
        let both = [relinked, entry()].map { KernelImage(entry: $0, directory: "/c/\($0.key)") }
        let table = KernelList(both).page.text().split(separator: "\n")
        #expect(
            table[1] == "6.12+dio-cache  6.12.1-plumbline+dio-cache  1 relinked  /c/k/bzImage")
        #expect(table.count == lines.count)
        var debug = entry()
        debug.name = "6.12+dio-cache+debug"
        #expect(KernelImage(entry: debug, directory: "/c/d").kind == "debug")
        debug.isStandard = false
        #expect(KernelImage(entry: debug, directory: "/c/d").kind == "own")
    }

    @Test("clean says what it would remove, and then removes it")
    func clean() async throws {
        let scratch = try ScratchDirectory()
        let root = "\(scratch.path)/plumbline"
        for path in ["builds/k", "kernels", "sources", "initramfs"] {
            #expect(try Command.run(["mkdir", "-p", "\(root)/\(path)"]).succeeded)
        }
        try Descriptor.open("\(root)/builds/k/vmlinux", [.write, .create])
            .writeAll([UInt8](repeating: 1, count: 1 << 20))
        let dryRun = await invoke("kernel clean --dry-run", cache: scratch.path)
        #expect(dryRun.code == 0)
        let place = "builds/k (objects of a build)"
        #expect(dryRun.document.contains("would remove"))
        #expect(dryRun.document.contains(place))
        #expect(dryRun.document.contains("would free"))
        #expect(SystemFile.exists("\(root)/builds/k/vmlinux"))
        let real = await invoke("kernel clean", cache: scratch.path)
        #expect(real.code == 0)
        #expect(real.document.hasPrefix("removed"))
        #expect(try SystemFile.list("\(root)/builds").isEmpty)
        let again = await invoke("kernel clean --all", cache: scratch.path)
        #expect(again.document == "nothing to remove in \(root)\n")
    }

    @Test(
        "a kernel whose configuration is not like the distribution's is reported with the options")
    func remarks() {
        var entry = entry()
        #expect(entry.remarks.isEmpty)
        entry.unfaithfulOptions = ["HZ"]
        entry.absentOptions = (0..<10).map { "X\($0)" }
        let text = KernelList([KernelImage(entry: entry, directory: "/c/k")]).page.text()
        #expect(
            text.contains(
                """
                6.12+dio-cache: the source did not accept the distribution's CONFIG_HZ
                6.12+dio-cache: the source lacks the distribution's CONFIG_X0, CONFIG_X1,
                  CONFIG_X2, CONFIG_X3, CONFIG_X4, CONFIG_X5, CONFIG_X6, CONFIG_X7 and 2 more

                """), "\(text)")
        entry.configurationFile = "/boot/config-mine"
        entry.unfaithfulOptions = []
        entry.absentOptions = []
        entry.deviations = [
            ConfigDeviation(
                option: "HZ", distribution: "250", guest: "1000", reason: "in /boot/config-mine")
        ]
        #expect(
            entry.remarks == [
                "/boot/config-mine differs from the distribution's configuration in CONFIG_HZ"
            ])
        #expect(entry.differences == ["HZ=1000, not 250: in /boot/config-mine"])
    }

    @Test(
        "a usage error has a remedy, and prints no document",
        arguments: [
            ("kernel build", "Missing expected argument"),
            ("kernel build 6.13", "known variants: 6.12, "),
            ("kernel build 6.12+pipe-preallok", "did you mean pipe-prealloc"),
            ("kernel build 6.12 --jobs 0", "--jobs"),
            ("kernel build git:/src", "expected git:DIRECTORY@REFERENCE"),
            ("kernel build git:/no/such@x", "/no/such is not a git repository"),
            ("kernel build git:/src@x --source /", "not supported with --source"),
            ("kernel build 6.12 --source /no/such/place", "/no/such/place"),
            ("kernel build 6.12 --source /proc/self", "not a kernel source"),
            ("kernel build 6.12 --patch /no/such/file", "/no/such/file"),
            ("kernel build 6.12 --patch /proc/self/status", "is not a patch"),
            ("kernel build 6.12 --revert /proc/self/status", "is not a patch"),
            ("kernel build 6.12 --config /proc/self/status", "not a whole kernel configuration"),
            ("kernel build 6.12 --fragment /proc/self/status", "invalid option"),
            ("kernel source", "give versions"), ("kernel source 6.12+dio-cache", "not a version"),
            ("kernel source 6.12 --source /", "give versions"),
            ("kernel clean 6.12+nothing", "no kernel '6.12+nothing'"),
            ("kernel clean --all 6.12", "--all"),
            ("kernel list --format xml", "xml"), ("kernel lst", "lst"),
        ])
    func usage(words: String, message: String) async throws {
        let scratch = try ScratchDirectory()
        let outcome = await invoke(words, cache: scratch.path)
        #expect(outcome.code == 64)
        #expect(outcome.diagnostics.contains(message))
        #expect(outcome.document.isEmpty)
    }

    @Test("without a place for a cache the remedy names the variables")
    func noPlace() async {
        let outcome = await Invocation(["kernel", "list"], environment: [:])
        #expect(outcome.code == 1)
        #expect(outcome.diagnostics.contains("set HOME or XDG_CACHE_HOME"))
        let file = await Invocation(
            ["kernel", "list"], environment: ["XDG_CACHE_HOME": "/etc/hostname"])
        #expect(file.code == 1)
        #expect(
            file.diagnostics.contains("XDG_CACHE_HOME is /etc/hostname, which is not a directory"))
    }
}
