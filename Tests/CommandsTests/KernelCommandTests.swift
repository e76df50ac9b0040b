// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import Testing

@testable import Commands
@testable import Lab

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
        #expect(
            text.document == """
                not built yet: 6.12, 6.12+pipe-prealloc, 6.12+dio-cache, 6.12+dio-kmemcache, \
                6.12+pipe-prealloc+dio-cache, 7.2, 7.2-pipe-prealloc, 7.2+dio-cache, \
                7.2+dio-kmemcache

                """)
        let json = await invoke("kernel list --format json", cache: scratch.path)
        #expect(json.document == "{\"kernels\":[],\"schema\":\"plumbline.kernels/1\"}\n")
        #expect(json.diagnostics.isEmpty)
    }

    @Test("a list is a table of names, releases and images")
    func list() throws {
        let entry = KernelEntry(
            key: "k", name: "6.12+dio-cache", release: "6.12.1-plumbline+dio-cache", source: "s",
            isStandard: true, patches: [], configuration: "c", deviations: [], absentOptions: [],
            unfaithfulOptions: [], toolchain: "t", commandLine: "", imageBytes: 1, finished: 0,
            buildSeconds: 1, objects: 1)
        let text = KernelListCommand.text([KernelImage(entry: entry, directory: "/c/k")])
        let lines = text.split(separator: "\n")
        #expect(lines[0] == "name            release                       image")
        #expect(lines[1] == "6.12+dio-cache  6.12.1-plumbline+dio-cache    /c/k/bzImage")
        #expect(!lines[2].contains("6.12+dio-cache,"))
        var debug = entry
        debug.name = "6.12+dio-cache+debug"
        #expect(KernelImage(entry: debug, directory: "/c/d").kind == "debug")
        debug.isStandard = false
        #expect(KernelImage(entry: debug, directory: "/c/d").kind == "own")
    }

    @Test(
        "wrong usage is told with its remedy, and prints no document",
        arguments: [
            ("kernel build", "Missing expected argument"),
            ("kernel build 6.13", "known variants: 6.12, "),
            ("kernel build 6.12+pipe-preallok", "did you mean pipe-prealloc"),
            ("kernel build 6.12 --jobs 0", "--jobs"),
            ("kernel build 6.12 --source /no/such/place", "/no/such/place"),
            ("kernel build 6.12 --source /proc/self", "no kernel source"),
            ("kernel build 6.12 --patch /no/such/file", "/no/such/file"),
            ("kernel build 6.12 --patch /proc/self/status", "is no patch"),
            ("kernel build 6.12 --revert /proc/self/status", "is no patch"),
            ("kernel build 6.12 --config /proc/self/status", "no whole kernel configuration"),
            ("kernel build 6.12 --fragment /proc/self/status", "is no option"),
            ("kernel source", "name versions"), ("kernel source 6.12+dio-cache", "not a version"),
            ("kernel source 6.12 --source /", "name versions"),
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
    }
}
