// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Synchronization

@testable import Kernels

/// The smallest source that make can build and patch can change.
enum TinyKernel {
    static let pipe = "int one;\nint pipe_write(void)\n{\n\treturn 1;\n}\nint last;\n"

    /// Where its linker script has the functions.
    static let script = """
        ENTRY(main)
        SECTIONS
        {
         . = 0x1000000;
         .text : { _stext = .; . = ALIGN(16); *(.text.hot .text.hot.*) *(.text .text.fixup) }
         .data : { *(.data .bss COMMON) }
        }

        """

    /// Writes the tree and gives its path.
    static func make(in scratch: Scratch, sublevel: Int = 1) throws -> String {
        try scratch.file("src/Makefile", makefile(sublevel))
        try scratch.file("src/Kconfig", "config KEPT\n\tbool\nconfig DROPPED\n\tbool\n")
        try scratch.file("src/scripts/kconfig/Makefile", "")
        try scratch.file("src/arch/x86/Makefile", "")
        try scratch.file("src/vmlinux.lds.S", script)
        try scratch.file("src/fs/pipe.c", pipe)
        try scratch.file("src/fs/other.c", "int other;\n")
        try scratch.file("src/init/main.c", "int main(void) { return 0; }\n")
        return "\(scratch.path)/src"
    }

    /// Changes what `pipe_write` returns.
    static func patch(from: Int = 1, to: Int) -> String {
        """
        --- a/fs/pipe.c
        +++ b/fs/pipe.c
        @@ -2,4 +2,4 @@
         int pipe_write(void)
         {
        -\treturn \(from);
        +\treturn \(to);
         }

        """
    }

    private static func makefile(_ sublevel: Int) -> String {
        """
        VERSION = 6
        PATCHLEVEL = 12
        SUBLEVEL = \(sublevel)

        allnoconfig:
        \t@grep -v DROPPED $(KCONFIG_ALLCONFIG) > $(O)/.config
        olddefconfig:
        \t@touch $(O)/.config
        $(O)/%.o: %.c
        \t@mkdir -p $(dir $@)
        \t@echo "  CC      $*.o"
        \t@gcc -c -o $@ $<
        \t@if [ -e slow ]; then sleep 3600; fi
        $(O)/arch/x86/kernel/vmlinux.lds: vmlinux.lds.S
        \t@mkdir -p $(dir $@)
        \t@cp $< $@
        OBJECTS = $(O)/init/main.o $(O)/fs/pipe.o $(O)/fs/other.o
        bzImage: $(OBJECTS) $(O)/arch/x86/kernel/vmlinux.lds
        \t@ld --build-id -T $(O)/arch/x86/kernel/vmlinux.lds -o $(O)/vmlinux $(OBJECTS)
        \t@nm -n $(O)/vmlinux > $(O)/System.map
        \t@mkdir -p $(O)/arch/x86/boot $(O)/include/config
        \t@cat $(O)/vmlinux > $(O)/arch/x86/boot/bzImage
        \t@head -c 2097152 /dev/zero >> $(O)/arch/x86/boot/bzImage
        \t@echo 6.12.\(sublevel)$(LOCALVERSION) > $(O)/include/config/kernel.release

        """
    }
}

/// A builder over a cache in a scratch directory, and what it reported.
final class Workshop: Sendable {
    let scratch: Scratch
    let store: KernelStore
    let source: String
    private let seen = Mutex<[KernelProgress]>([])
    private let stop = Mutex(false)

    init(cache: String? = nil) throws {
        scratch = try Scratch()
        store = KernelStore(root: cache ?? "\(scratch.path)/cache")
        source = try TinyKernel.make(in: scratch)
    }

    /// What was reported so far.
    var progress: [KernelProgress] { seen.withLock { $0 } }

    /// The objects that were made, in the order that make chose.
    var objects: [String] {
        progress.compactMap { if case .object(let name, _, _, _) = $0 { name } else { nil } }
    }

    /// A request for the tiny source with a user's patches.
    func request(
        _ patches: [String] = [], reverting: [String] = [], fragment: String? = nil
    ) throws -> KernelRequest {
        var request = KernelRequest(try KernelVariant("6.12"))
        request.source = .directory(source)
        for (number, text) in patches.enumerated() {
            let path = try scratch.file("change\(number).patch", text)
            request.patches.append(try KernelPatch(readingFrom: path))
        }
        for (number, text) in reverting.enumerated() {
            let path = try scratch.file("undone\(number).patch", text)
            request.patches.append(try KernelPatch(readingFrom: path, isReverted: true))
        }
        if let fragment {
            request.fragments = [try scratch.file("fragment.config", fragment)]
        }
        return request
    }

    /// Builds; interrupted once a report satisfies `interrupting`.
    func build(
        _ request: KernelRequest,
        interrupting: @escaping @Sendable (KernelProgress) -> Bool = {
            _ in false
        }
    ) async throws(PlumblineError) -> KernelImage {
        try await build(request, layouts: 1, interrupting: interrupting)[0]
    }

    /// Builds, and relinks; interrupted once a report satisfies `interrupting`.
    func build(
        _ request: KernelRequest, layouts: Int,
        interrupting: @escaping @Sendable (KernelProgress) -> Bool = { _ in false }
    ) async throws(PlumblineError) -> [KernelImage] {
        seen.withLock { $0 = [] }
        stop.withLock { $0 = false }
        let builder = KernelBuilder(
            store: store, environment: ["PATH": "/usr/bin:/bin"],
            progress: { [self] progress in
                seen.withLock { $0.append(progress) }
                if interrupting(progress) { stop.withLock { $0 = true } }
            }, isInterrupted: { [self] in stop.withLock { $0 } })
        return try await builder.build(request, layouts: layouts)
    }

    /// The error of a build; nil when it succeeds.
    func failure(
        of request: KernelRequest,
        interrupting: @escaping @Sendable (KernelProgress) -> Bool = { _ in false }
    ) async -> PlumblineError? {
        do {
            _ = try await build(request, interrupting: interrupting)
            return nil
        } catch {
            return error
        }
    }

    /// The names in the cache's directory of kernels, half-made ones included.
    var entries: [String] { (try? SystemFile.list(store.kernels)) ?? [] }
}

/// What this machine can do, for `.enabled(if:)`.
enum ThisMachine {
    static let canBuild = BuildTools.missing(path: "/usr/bin:/bin").isEmpty
    static let isRoot = ChildProcess.userID == 0
}
