// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Kernels
import Linux

/// `plumbline kernel build`: kernels for guests, built or found in the cache.
struct KernelBuildCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Build kernels for guests, or find them in the cache.",
        usage: "plumbline kernel build [<options>] <variant> ...",
        discussion: """
            Prints a line for each kernel: its name, a tab, and the path of its bzImage. The \
            first build of a version takes minutes; later variants compile only what their \
            patches touch. git:DIR@REF builds a commit; all commits of a repository share one \
            tree and its objects.

            The configuration has those options of Debian's kernel that matter to pipes, direct \
            I/O, memory and tracing. `plumbline kernel list --format json` lists each deviation \
            with its reason. --fragment changes single options; --config replaces our \
            configuration by yours, with the options that a guest needs. An option that is asked \
            for and missing in the result is an error.

            Ctrl-C ends a build; the next build uses the finished objects.

            Exit codes: 0 all kernels are built, 1 a patch does not apply, a build fails or a \
            tool is missing, 64 usage error, 130 interrupted.

            EXAMPLES
              plumbline kernel build 6.12 6.12+pipe-prealloc
              plumbline kernel build 6.12 --patch ./my-change.patch
              plumbline kernel build 6.12+pipe-prealloc+debug
              plumbline kernel build git:~/linux@v7.2 git:~/linux@my-branch
              plumbline kernel build 6.12+dio-cache --source git:/src/linux@v6.12.100
              plumbline kernel build 6.12 --fragment my.config
            """)

    @Argument(
        help: ArgumentHelp(
            "Kernel variants, such as 6.12+pipe-prealloc, or git:DIR@REF.", valueName: "variant"),
        completion: .variants)
    var variants: [String]

    @Option(
        help: ArgumentHelp(
            "Build from a directory, an archive, or git:DIR@REF instead of Debian's source.",
            valueName: "source"), completion: .file())
    var source: String?

    @Option(
        name: .customLong("patch"), parsing: .singleValue,
        help: ArgumentHelp("Apply a patch after ours; repeatable.", valueName: "file"),
        completion: .file())
    var patches: [String] = []

    @Option(
        name: [.customLong("revert"), .customShort("R")], parsing: .singleValue,
        help: ArgumentHelp("Take a patch out of the source; repeatable.", valueName: "file"),
        completion: .file())
    var reverts: [String] = []

    @Option(
        help: ArgumentHelp(
            "Use a whole configuration of yours, such as /boot/config-*.", valueName: "file"),
        completion: .file())
    var config: String?

    @Option(
        name: .customLong("fragment"), parsing: .singleValue,
        help: ArgumentHelp("Set the options in a file; repeatable.", valueName: "file"),
        completion: .file())
    var fragments: [String] = []

    @Option(
        help: ArgumentHelp("Parallel compilers. Default: one per CPU.", valueName: "number"))
    var jobs: Int?

    @Flag(help: "Print errors only.") var quiet = false

    func validate() throws {
        if let jobs, !(1...4096).contains(jobs) {
            throw ValidationError("invalid value '\(jobs)' for --jobs (allowed: 1 to 4096)")
        }
    }

    func run(on console: Console) async throws -> Int32 {
        let spec: SourceSpec? = if let source { try SourceSpec(source) } else { nil }
        let origins = try variants.map { name throws(PlumblineError) in
            try origin(name, source: spec)
        }
        let own = try ownPatches()
        let reporter = KernelReporter(console, quiet: quiet)
        let builder = try reporter.builder()
        try Interrupts.catch()
        defer { reporter.clear() }
        // Errors of the last kernel show before the first one is built.
        var requests: [KernelRequest] = []
        for origin in origins {
            var request =
                switch origin {
                case .variant(let request): request
                case .commit(let spec): try await builder.request(for: spec)
                }
            request.patches = own
            request.config = config
            request.fragments = fragments
            request.jobs = jobs
            requests.append(request)
        }
        for (request, name) in zip(requests, variants) {
            let image = try await builder.build(request)
            reporter.clear()
            console.document("\(name.hasPrefix("git:") ? name : image.name)\t\(image.path)\n")
            guard !quiet else { continue }
            for remark in image.entry.remarks { console.diagnostics("\(image.name): \(remark)\n") }
        }
        return 0
    }

    /// What a name stands for; a commit's version is not known before it is looked up.
    private enum Origin {
        case variant(KernelRequest)
        case commit(SourceSpec)
    }

    private func origin(
        _ name: String, source spec: SourceSpec?
    ) throws(PlumblineError) -> Origin {
        guard name.hasPrefix("git:") else {
            var request = KernelRequest(try KernelVariant(name, anyVersion: spec != nil))
            request.source = spec
            return .variant(request)
        }
        guard spec == nil else {
            throw .usage(
                "\(name) is not supported with --source: both name a source",
                remedy: "leave one of them out")
        }
        return .commit(try SourceSpec(name))
    }

    private func ownPatches() throws(PlumblineError) -> [KernelPatch] {
        try reverts.map { path throws(PlumblineError) in
            try KernelPatch(readingFrom: path, isReverted: true)
        } + patches.map { path throws(PlumblineError) in try KernelPatch(readingFrom: path) }
    }
}
