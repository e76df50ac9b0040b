// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Testing

@testable import Kernels

@Suite("Layouts of a kernel") struct LayoutTests {
    @Test("layouts differ in the place in a cache line, in a page, and in 64 KiB")
    func paddings() {
        let paddings = KernelLayout.first(4096).map(\.padding)
        #expect(paddings[0] == 0)
        #expect(Set(paddings).count == 4096)
        #expect(paddings.allSatisfy { $0 % 16 == 0 && $0 < 65536 })
        for few in [paddings[0..<4], paddings[4..<8]] {
            #expect(Set(few.map { $0 % 64 }).count == 4)
        }
        let places = paddings[0..<8].map { $0 % 4096 }.sorted()
        #expect(zip(places, places.dropFirst()).allSatisfy { $1 - $0 >= 256 })
    }

    @Test(
        "padding is put right before the ordinary functions",
        arguments: [
            (
                " _stext = .; . = ALIGN(16); *(.text.hot .text.hot.*) *(.text .text.fixup)\n",
                " _stext = .; . = ALIGN(16); PAD *(.text.hot .text.hot.*) *(.text .text.fixup)\n"
            ),
            (
                "*(.text.unlikely) . = ALIGN(((1) << 12)); *(.text.hot .text.hot.*) *(.text)\n",
                "*(.text.unlikely) . = ALIGN(((1) << 12)); PAD *(.text.hot .text.hot.*) *(.text)\n"
            ),
            ("*(.head.text) *(.text .text.fixup)", "*(.head.text) PAD *(.text .text.fixup)"),
        ])
    func script(plain: String, padded: String) {
        #expect(
            LinkerScript.padded(plain, by: 48)
                == padded.replacing("PAD", with: "\(LinkerScript.mark) . = . + 48;"))
    }

    @Test("a script without such a place, or with padding, is refused")
    func badScripts() throws {
        #expect(LinkerScript.padded("SECTIONS { *(.init.text) }", by: 16) == nil)
        let padded = try #require(LinkerScript.padded("*(.text)", by: 16))
        #expect(LinkerScript.padded(padded, by: 16) == nil)
    }

    @Test("functions are moved when most have another address")
    func symbols() {
        let plain = SymbolTable("10 T a\n20 t b\n30 t c\n40 D d\n")
        #expect(SymbolTable("20 T a\n30 t b\n30 t c\n40 D d\n").isMoved(from: plain))
        #expect(!SymbolTable("20 T a\n20 t b\n30 t c\n50 D d\n").isMoved(from: plain))
        #expect(!plain.isMoved(from: plain))
        #expect(!SymbolTable("").isMoved(from: plain))
    }
}

@Suite(
    "Relinking kernels", .serialized,
    .enabled(if: ThisMachine.canBuild, "packages to build a kernel are missing"))
struct RelinkTests {
    /// The address of a function in an image.
    private func address(of name: String, in image: KernelImage) throws -> Int {
        let text = try Command.run(["nm", image.path]).output
        let line = text.split(separator: "\n").first { $0.hasSuffix(" T \(name)") }
        return try #require(line.flatMap { Int($0.prefix { $0 != " " }, radix: 16) })
    }

    @Test("a kernel is linked once more for each layout, compiled once, and found again")
    func relinked() async throws {
        let shop = try Workshop()
        let request = try shop.request()
        let images = try await shop.build(request, layouts: 3)
        #expect(images.map(\.title) == ["6.12", "6.12 layout 1", "6.12 layout 2"])
        #expect(shop.objects.count == 3)
        #expect(Set(images.compactMap(\.entry.buildID)).count == 3)
        let first = try address(of: "pipe_write", in: images[0])
        for (image, layout) in zip(images, KernelLayout.first(3)) {
            #expect(try address(of: "pipe_write", in: image) == first + layout.padding)
            #expect(
                try address(of: "_stext", in: image) == address(of: "_stext", in: images[0]))
            #expect((image.entry.layout?.padding ?? 0) == layout.padding)
            #expect(image.release == "6.12.1-plumbline")
        }
        #expect(try await shop.build(request, layouts: 3) == images)
        #expect(shop.progress.isEmpty)
        // Those that are there are not made again.
        let more = try await shop.build(request, layouts: 4)
        #expect(Array(more.prefix(3)) == images)
        #expect(shop.objects.isEmpty)
        #expect(shop.store.list() == [images[0]])
        #expect(shop.store.find(named: "6.12") == images[0])
        #expect(shop.store.all().count == 4)
    }

    @Test("the next kernel of a build directory has no padding, nor has one after a kill")
    func nothingIsLeft() async throws {
        let shop = try Workshop()
        let images = try await shop.build(try shop.request(), layouts: 2)
        let changed = try await shop.build(try shop.request([TinyKernel.patch(to: 2)]))
        let place = try address(of: "main", in: images[0])
        #expect(try address(of: "main", in: changed) == place)
        let build = try #require(try SystemFile.list(shop.store.builds).first)
        let script = "\(shop.store.builds)/\(build)/\(LinkerScript.path)"
        let text = try SystemFile.read(script)
        try UserCache.write(
            Array(try #require(LinkerScript.padded(text, by: 4096)).utf8), to: script)
        let after = try await shop.build(try shop.request([TinyKernel.patch(to: 3)]))
        #expect(try address(of: "main", in: after) == place)
    }

    @Test("an interrupted relink keeps what is done, and goes on")
    func interrupted() async throws {
        let shop = try Workshop()
        let request = try shop.request()
        await #expect(throws: PlumblineError.self) {
            try await shop.build(
                request, layouts: 3,
                interrupting: { $0.words?.contains("relinking 6.12 layout 2") == true })
        }
        #expect(shop.store.all().map(\.title).contains("6.12"))
        #expect(try await shop.build(request, layouts: 3).count == 3)
        #expect(shop.objects.isEmpty)
    }

    @Test(
        "a kernel whose functions do not move is refused with the way out",
        arguments: [
            ("*(.text.hot .text.hot.*) *(.text .text.fixup)", "*(.tex*)", "no place for padding"),
            (
                "*(.text.hot .text.hot.*)", "*(.text.hot) . = ALIGN(0x100000);",
                "padding does not move"
            ),
        ])
    func refused(old: String, new: String, words: String) async throws {
        let shop = try Workshop()
        try shop.scratch.file(
            "src/vmlinux.lds.S", TinyKernel.script.replacing(old, with: new))
        let request = try shop.request()
        let error = await #expect(throws: PlumblineError.self) {
            try await shop.build(request, layouts: 3)
        }
        #expect(error?.message.contains("Linux 6.12.1 cannot be relinked: ") == true)
        #expect(error?.message.contains(words) == true)
        #expect(error?.remedy.contains("--relinks 0") == true)
        _ = try await shop.build(request)
    }

    @Test("a kernel that is removed takes its layouts along")
    func cleaned() async throws {
        let shop = try Workshop()
        let images = try await shop.build(try shop.request(), layouts: 3)
        let other = try await shop.build(try shop.request([TinyKernel.patch(to: 2)]))
        let cleaner = CacheCleaner(store: shop.store, isDryRun: false)
        let one = try cleaner.clean(.kernels([images[2].entry.key]))
        #expect(one.map(\.what) == ["kernel 6.12 layout 2"])
        let rest = try cleaner.clean(.kernels([images[0].entry.key]))
        #expect(rest.map(\.what).sorted() == ["kernel 6.12", "kernel 6.12 layout 1"])
        #expect(shop.store.all() == [other])
    }
}

extension KernelProgress {
    /// The words of a phase.
    fileprivate var words: String? { if case .phase(let words) = self { words } else { nil } }
}
