// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Guests
import Kernels
import Linux

/// `plumbline kernel clean`: makes room in the cache.
public struct KernelCleanCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "clean",
        abstract: "Remove from the cache what can be made again.",
        discussion: """
            Without a name: what no built kernel needs, which are the objects of builds (some \
            0.5 GiB a version), the initramfs of guests, and what was found out of KVM. The next \
            build of a version takes minutes again. --all removes kernels and sources too. With \
            names: these kernels and nothing else.

            Prints a line a thing: what became of it, its bytes on the disk, and its place in \
            the cache. What a running build or a running plumbline's guests use is left and told. \
            Initramfs and findings that were not used for 7 days go by themselves.

            Exit codes: 0, also when there was nothing to remove or something was in use; 1 \
            something could not be removed, 64 wrong usage or no kernel of a name.

            EXAMPLES
              plumbline kernel clean --dry-run
              plumbline kernel clean
              plumbline kernel clean 6.12+dio-cache
              plumbline kernel clean --all
            """)

    /// The kernels' names.
    @Argument(
        help: ArgumentHelp(
            "Remove these kernels: names or keys of `plumbline kernel list`.", valueName: "kernel"))
    public var kernels: [String] = []
    /// Whether only to say what would go.
    @Flag(help: "Say what would be removed, and remove nothing.") public var dryRun = false
    /// Whether kernels and sources go too.
    @Flag(help: "Remove kernels and sources too.") public var all = false

    /// Made by the argument parser.
    public init() {}

    /// Refuses names beside `--all`.
    public func validate() throws {
        if all, !kernels.isEmpty {
            throw ValidationError("name kernels, or say --all")
        }
    }

    /// Cleans.
    public func run(on console: Console) async throws -> Int32 {
        let store = try KernelStore(environment: console.environment)
        let cleaner = CacheCleaner(store: store, isRehearsal: dryRun)
        let items = try cleaner.clean(
            all ? .all : kernels.isEmpty ? .unneeded : .kernels(kernels))
        console.document(text(items, in: store.root))
        return items.contains { if case .failed = $0.outcome { true } else { false } } ? 1 : 0
    }

    func text(_ items: [CacheCleaner.Item], in root: String) -> String {
        let sizes = items.map { ByteSize($0.bytes).approximate }
        let width = sizes.map(\.count).max() ?? 0
        var text = zip(items, sizes).map { item, size in
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
