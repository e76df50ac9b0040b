// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Kernels
import Linux

/// `plumbline kernel build`: kernels for guests, built or found in the cache.
public struct KernelBuildCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Build kernels for guests, or find them in the cache.",
        discussion: """
            Prints a line a kernel: its name, a tab, and the path of its bzImage. The first \
            build of a version takes minutes; a variant after it compiles only what its patches \
            touch. git:DIR@REF stands for a commit as it is: all commits of a repository share \
            one tree and its objects, so that the second one compiles only what differs.

            A guest has the options of Debian's own kernel that matter to pipes, direct I/O, \
            memory and tracing; `plumbline kernel list --format json` names each deviation and \
            its reason. Options that a source of yours does not know or take are told. \
            --fragment changes single options, --config takes a whole configuration of yours \
            and adds what a guest needs. Every option asked for is looked up in the result: one \
            that was dropped is an error.

            Ctrl-C ends a build; the objects made so far are used by the next one.

            Exit codes: 0 every kernel is there, 1 a patch does not apply, a build fails or \
            something is missing, 64 wrong usage, 130 interrupted.

            EXAMPLES
              plumbline kernel build 6.12 6.12+pipe-prealloc
              plumbline kernel build 6.12 --patch ./my-change.patch
              plumbline kernel build 6.12+pipe-prealloc+debug
              plumbline kernel build git:~/linux@v7.2 git:~/linux@my-branch
              plumbline kernel build 6.12+dio-cache --source git:/src/linux@v6.12.100
              plumbline kernel build 6.12 --fragment my.config
            """)

    /// The variants' names.
    @Argument(
        help: ArgumentHelp(
            "Kernels by name, such as 6.12+pipe-prealloc, or git:DIR@REF.", valueName: "variant"))
    public var variants: [String]

    /// Another source.
    @Option(
        help: ArgumentHelp(
            "Build from a directory, an archive, or git:DIR@REF, in place of Debian's source.",
            valueName: "source"))
    public var source: String?

    /// Patches of the user's.
    @Option(
        name: .customLong("patch"), parsing: .singleValue,
        help: ArgumentHelp("Apply a patch after ours; repeatable.", valueName: "file"))
    public var patches: [String] = []

    /// Patches to take out.
    @Option(
        name: [.customLong("revert"), .customShort("R")], parsing: .singleValue,
        help: ArgumentHelp("Take a patch out of the source; repeatable.", valueName: "file"))
    public var reverts: [String] = []

    /// A whole configuration.
    @Option(
        help: ArgumentHelp(
            "Use a whole configuration of yours, such as /boot/config-*.", valueName: "file"))
    public var config: String?

    /// Options that win.
    @Option(
        name: .customLong("fragment"), parsing: .singleValue,
        help: ArgumentHelp("Set the options in a file; repeatable.", valueName: "file"))
    public var fragments: [String] = []

    /// Compilers at a time.
    @Option(help: ArgumentHelp("Compilers at a time. Default: one a CPU.", valueName: "number"))
    public var jobs: Int?

    /// Whether to keep quiet.
    @Flag(help: "Say nothing but errors.") public var quiet = false

    /// Made by the argument parser.
    public init() {}

    /// Refuses numbers that make no sense.
    public func validate() throws {
        if let jobs, !(1...4096).contains(jobs) {
            throw ValidationError("--jobs must be from 1 to 4096")
        }
    }

    /// Builds.
    public func run(on console: Console) async throws -> Int32 {
        let wishes = try wishes()
        let own = try ownPatches()
        let builder = KernelBuilder(
            store: try KernelStore(environment: console.environment),
            environment: console.environment)
        try Interrupts.catch()
        let reporter = KernelReporter(console, quiet: quiet)
        defer { reporter.clear() }
        // What is wrong with the last one shows before the first one is built.
        var requests: [KernelRequest] = []
        for wish in wishes {
            var request: KernelRequest
            switch wish {
            case .variant(let asked): request = asked
            case .commit(let spec):
                request = try await builder.request(
                    for: spec, progress: { reporter.show($0) },
                    isInterrupted: { Interrupts.pending != nil })
            }
            request.patches = own
            request.config = config
            request.fragments = fragments
            request.jobs = jobs
            requests.append(request)
        }
        for (request, name) in zip(requests, variants) {
            let image = try await builder.build(
                request, progress: { reporter.show($0) },
                isInterrupted: { Interrupts.pending != nil })
            reporter.clear()
            let told = name.hasPrefix("git:") ? name : image.name
            console.document("\(told)\t\(image.path)\n")
            guard !quiet else { continue }
            for remark in image.entry.remarks { console.diagnostics("\(image.name): \(remark)\n") }
        }
        return 0
    }

    /// What a user's word for a kernel means.
    private enum Wish {
        case variant(KernelRequest)
        case commit(SourceSpec)
    }

    private func wishes() throws(PlumblineError) -> [Wish] {
        let spec: SourceSpec? = if let source { try SourceSpec(source) } else { nil }
        return try variants.map { name throws(PlumblineError) in
            guard name.hasPrefix("git:") else {
                var request = KernelRequest(try KernelVariant(name, anyVersion: spec != nil))
                request.source = spec
                return .variant(request)
            }
            guard spec == nil else {
                throw .usage(
                    "\(name) is a source by itself, and --source names another",
                    remedy: "leave one of them out")
            }
            return .commit(try SourceSpec(name))
        }
    }

    private func ownPatches() throws(PlumblineError) -> [KernelPatch] {
        var own: [KernelPatch] = []
        for path in reverts { own.append(try KernelPatch(readingFrom: path, isReverted: true)) }
        for path in patches { own.append(try KernelPatch(readingFrom: path)) }
        return own
    }
}
