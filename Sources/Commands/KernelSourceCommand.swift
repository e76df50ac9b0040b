// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Kernels
import Linux

/// `plumbline kernel source`: kernel sources, got and unpacked.
public struct KernelSourceCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "source",
        abstract: "Get kernel sources and unpack them in the cache.",
        discussion: """
            Prints a line a source: its version, a tab, and the directory of its tree. Debian's \
            package linux-source-VERSION comes through the machine's own apt; where that does \
            not have it, through a private configuration with another suite of the same mirror, \
            which leaves the machine's own as it is. Nothing is installed, and root is not \
            needed.

            The tree is Plumbline's own: variants are built in it one after the other. To build \
            your tree, give it with --source; a copy is taken.

            Exit codes: 0 every source is there, 1 one is not to be had, 64 wrong usage or no \
            kernel source, 130 interrupted.

            EXAMPLES
              plumbline kernel source 6.12 7.2
              plumbline kernel source 6.12 --refresh
              plumbline kernel source --source linux-6.12.tar.xz
            """)

    /// The versions.
    @Argument(help: ArgumentHelp("Versions: 6.12, 7.2.", valueName: "version"))
    public var versions: [String] = []

    /// Another source.
    @Option(
        help: ArgumentHelp(
            "Take a directory, an archive, or git:DIR@REF instead.", valueName: "source"))
    public var source: String?

    /// Whether to look for a newer package.
    @Flag(help: "Ask apt for a newer package, even when there is a source of the version.")
    public var refresh = false

    /// Whether to keep quiet.
    @Flag(help: "Say nothing but errors.") public var quiet = false

    /// Made by the argument parser.
    public init() {}

    /// Refuses versions beside a source, and neither.
    public func validate() throws {
        if versions.isEmpty == (source == nil) {
            throw ValidationError("name versions, such as 6.12, or a --source")
        }
    }

    /// Gets them.
    public func run(on console: Console) async throws -> Int32 {
        var specs: [SourceSpec] = []
        if let source { specs.append(try SourceSpec(source)) }
        for version in versions {
            let variant = try KernelVariant(version)
            guard variant.name == variant.version else {
                throw PlumblineError.usage(
                    "\(version) is a variant, not a version",
                    remedy: "its source is that of \(variant.version); `plumbline kernel build "
                        + "\(version)` applies the patches")
            }
            specs.append(.packaged(version: variant.version))
        }
        let builder = KernelBuilder(
            store: try KernelStore(environment: console.environment),
            environment: console.environment)
        try Interrupts.catch()
        let reporter = KernelReporter(console, quiet: quiet)
        defer { reporter.clear() }
        for spec in specs {
            let source = try await builder.source(
                spec, refresh: refresh, progress: { reporter.show($0) },
                isInterrupted: { Interrupts.pending != nil })
            reporter.clear()
            console.document("\(source.release)\t\(source.tree)\n")
        }
        return 0
    }
}
