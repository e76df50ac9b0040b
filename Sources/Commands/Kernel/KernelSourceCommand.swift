// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Kernels
import Linux

/// `plumbline kernel source`: kernel sources, fetched and unpacked.
struct KernelSourceCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "source",
        abstract: "Fetch kernel sources and unpack them in the cache.",
        usage: "plumbline kernel source [<options>] [<version> ...]",
        discussion: """
            Prints a line for each source: its version, a tab, and the directory of its tree. \
            apt downloads Debian's package linux-source-VERSION. If the machine's own apt \
            configuration does not have it, plumbline uses a private configuration with another \
            suite of the same mirror, and leaves the machine's own unchanged. Nothing is \
            installed, and root is not needed.

            plumbline builds variants in the tree. To build your own tree, give it with \
            --source; it is copied.

            Exit codes: 0 done, 1 a source cannot be fetched, 64 usage error or not a kernel \
            source, 130 interrupted.

            EXAMPLES
              plumbline kernel source 6.12 7.2
              plumbline kernel source 6.12 --refresh
              plumbline kernel source --source linux-6.12.tar.xz
            """)

    @Argument(
        help: ArgumentHelp("Versions: 6.12, 7.2.", valueName: "version"),
        completion: .list(KernelVariant.versions))
    var versions: [String] = []

    @Option(
        help: ArgumentHelp(
            "Take a directory, an archive, or git:DIR@REF instead.", valueName: "source"),
        completion: .file())
    var source: String?

    @Flag(help: "Ask apt for a newer package even if the cache has a source of the version.")
    var refresh = false

    @Flag(help: "Print errors only.") var quiet = false

    func validate() throws {
        if versions.isEmpty == (source == nil) {
            throw ValidationError("give versions, such as 6.12, or --source")
        }
    }

    func run(on console: Console) async throws -> Int32 {
        var specs: [SourceSpec] = []
        if let source { specs.append(try SourceSpec(source)) }
        for version in versions {
            let variant = try KernelVariant(version)
            guard variant.name == variant.version else {
                throw PlumblineError.usage(
                    "\(version) is a variant, not a version",
                    remedy: "use `plumbline kernel source \(variant.version)` for its source, or "
                        + "`plumbline kernel build \(version)` for the kernel")
            }
            specs.append(.packaged(version: variant.version))
        }
        let reporter = KernelReporter(console, quiet: quiet)
        let builder = try reporter.builder()
        try Interrupts.catch()
        defer { reporter.clear() }
        for spec in specs {
            let source = try await builder.source(spec, refresh: refresh)
            reporter.clear()
            console.document("\(source.release)\t\(source.tree)\n")
        }
        return 0
    }
}
