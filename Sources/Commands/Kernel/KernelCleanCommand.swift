// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Guests
import Kernels
import Linux

/// `plumbline kernel clean`: makes room in the cache.
struct KernelCleanCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean",
        abstract: "Remove from the cache what can be made again.",
        discussion: """
            Without a name, it removes what no built kernel needs: the objects of builds (about \
            0.5 GiB a version), the initramfs of guests, and the results of KVM trials. The next \
            build of a version then takes minutes again. --all removes kernels and sources too. \
            With names, it removes these kernels only, each with its relinked images.

            Prints a line for each thing: its outcome, its size on the disk, and its path in the \
            cache. Files of a running build or of running guests are kept. Initramfs and results \
            of KVM trials are removed automatically after 7 days without use.

            Exit codes: 0 done, also when there was nothing to remove or something was in use; 1 \
            something could not be removed; 64 usage error or unknown kernel.

            EXAMPLES
              plumbline kernel clean --dry-run
              plumbline kernel clean
              plumbline kernel clean 6.12+dio-cache
              plumbline kernel clean --all
            """)

    @Argument(
        help: ArgumentHelp(
            "Remove these kernels: names or keys of `plumbline kernel list`.", valueName: "kernel"),
        completion: .builtKernels)
    var kernels: [String] = []
    @Flag(help: "Print what would be removed, and remove nothing.") var dryRun = false
    @Flag(help: "Remove kernels and sources too.") var all = false

    func validate() throws {
        if all, !kernels.isEmpty {
            throw ValidationError("--all is not supported with names of kernels")
        }
    }

    func run(on console: Console) async throws -> Int32 {
        let store = try KernelStore(environment: console.environment)
        let cleaner = CacheCleaner(store: store, isDryRun: dryRun)
        let items = try cleaner.clean(
            all ? .all : kernels.isEmpty ? .unneeded : .kernels(kernels))
        console.document(text(items, in: store.root))
        return items.contains { if case .failed = $0.outcome { true } else { false } } ? 1 : 0
    }

    func text(_ items: [CacheCleaner.Item], in root: String) -> String {
        let sizes = items.map { ByteSize($0.bytes).approximate }
        let width = sizes.map(\.count).max() ?? 0
        var text: String = zip(items, sizes).map { item, size in
            let (verb, why): (String, String) =
                switch item.outcome {
                case .removed: (dryRun ? "would remove" : "removed", "")
                case .kept(let why): ("kept", ": \(why)")
                case .failed(let why): ("cannot remove", ": \(why)")
                }
            let pad = String(repeating: " ", count: width - size.count)
            return "\(verb)  \(pad)\(size)  \(item.name) (\(item.what))\(why)\n"
        }.joined()
        let gone = items.filter { $0.outcome == .removed }
        let sum = ByteSize(gone.reduce(0) { $0 + $1.bytes }).approximate
        text +=
            gone.isEmpty
            ? "nothing to remove in \(root)\n"
            : "\(dryRun ? "would free" : "freed") \(sum) in \(root)\n"
        return text
    }
}
