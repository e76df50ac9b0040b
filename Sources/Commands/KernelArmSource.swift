// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Experiment
import Guests
import Kernels
import Linux
import Protocol

/// One arm of `plumbline ab`, ready to be booted.
struct KernelArm {
    var machine: GuestPairTarget.Machine
    /// The changes of ours that its kernel has.
    var changes: Set<String>
}

/// Makes arms of what the user calls kernels: builds what is not there yet, finds out how to boot
/// it, and checks that both fit into memory.
struct KernelArmSource {
    let guest: GuestOptions
    let suite: SuiteRecord
    let config: String?
    /// How many guests are up at a time.
    let guests: Int
    let agent: String
    let console: Console
    let quiet: Bool

    /// What a user's word for a kernel means.
    private enum Origin {
        case variant(KernelVariant)
        case image(String)
        case source(SourceSpec)

        var isBuilt: Bool { if case .image = self { false } else { true } }
    }

    /// The same, with what there is of a source looked up.
    private enum Wanted {
        case image(String)
        case built(KernelRequest)
    }

    /// A kernel that was found or built.
    private struct Kernel {
        var label: String
        var image: String
        var changes: Set<String> = []
        /// What is known of it in the cache; nil for another image.
        var known: KernelImage?
    }

    /// Both arms.
    ///
    /// - Throws: `usage` for what is no kernel or no machine; `failure` for a build that fails, or
    ///   without QEMU; `interrupted`.
    func arms(_ a: String, _ b: String) async throws(PlumblineError) -> (KernelArm, KernelArm) {
        let origins = [try origin(a, "--a"), try origin(b, "--b")]
        let maker = try GuestMaker(agent: agent, environment: console.environment)
        if let config, !origins.contains(where: \.isBuilt) {
            throw .usage(
                "--config \(config) is for kernels that are built, and both are images",
                remedy: "leave it out, or name a variant or a commit")
        }
        // What is wrong with the second one shows before the first one is built.
        let wanted = [try await wanted(origins[0]), try await wanted(origins[1])]
        let plans = [
            try await kernel(wanted[0], label: a), try await kernel(wanted[1], label: b),
        ]
        let (guests, reason) = try await maker.make(
            try plans.map { kernel throws(PlumblineError) in
                try guest.plan(
                    name: "the guest \(kernel.label)", image: kernel.image, for: suite)
            }, for: suite, atATime: self.guests, accelerator: guest.accelerator,
            isInterrupted: { Interrupts.pending != nil })
        if let reason, !quiet {
            console.diagnostics("plumbline: the guests are emulated: \(reason)\n")
        }
        if !quiet {
            tellRemarks(plans)
            for kernel in plans where kernel.known?.isDebug == true {
                console.diagnostics(
                    "plumbline: \(kernel.label) is a debug kernel, which looks for mistakes: "
                        + "the times it takes say nothing of other kernels\n")
            }
        }
        let arms = zip(plans, guests).map { kernel, guest in
            KernelArm(
                machine: GuestPairTarget.Machine(
                    label: kernel.label, place: guest.place,
                    deviations: kernel.known?.entry.differences ?? [],
                    agent: guest.configuration()),
                changes: kernel.changes)
        }
        return (arms[0], arms[1])
    }

    /// Looks at a name without building anything.
    private func origin(_ text: String, _ option: String) throws(PlumblineError) -> Origin {
        if text.hasPrefix("git:") { return .source(try SourceSpec(text)) }
        if text.contains("/") || SystemFile.exists(text) {
            try GuestImage.check(text, nodes: guest.numa ?? 1)
            return .image(text)
        }
        do {
            return .variant(try KernelVariant(text))
        } catch {
            // Built with a patch or from a commit of the user's.
            if let found = try KernelStore(environment: console.environment).find(named: text) {
                return .image(found.path)
            }
            throw PlumblineError(
                error.kind, "\(option): \(error.message)",
                remedy:
                    "known variants: \(KernelVariant.known.map(\.name).joined(separator: ", ")); "
                    + "a file is named with a /, a commit git:DIR@REF")
        }
    }

    private func wanted(_ origin: Origin) async throws(PlumblineError) -> Wanted {
        switch origin {
        case .image(let path): return .image(path)
        case .variant(let variant): return .built(KernelRequest(variant))
        case .source(let source):
            let reporter = KernelReporter(console, quiet: quiet)
            defer { reporter.clear() }
            return .built(
                try await builder().request(
                    for: source, progress: { reporter.show($0) },
                    isInterrupted: { Interrupts.pending != nil }))
        }
    }

    private func kernel(
        _ wanted: Wanted, label: String
    ) async throws(PlumblineError) -> Kernel {
        switch wanted {
        case .image(let path):
            try CacheUse.hold(path, in: cache)
            return Kernel(
                label: label, image: path, known: KernelImage(imageAt: path))
        case .built(let request): return try await built(request, label: label)
        }
    }

    private func built(
        _ request: KernelRequest, label: String
    ) async throws(PlumblineError) -> Kernel {
        var request = request
        request.config = config
        let reporter = KernelReporter(console, quiet: quiet)
        defer { reporter.clear() }
        let image = try await builder().build(
            request, progress: { reporter.show($0) },
            isInterrupted: { Interrupts.pending != nil })
        // The other arm's build may take minutes.
        try CacheUse.hold(image.path, in: cache)
        return Kernel(
            label: label, image: image.path,
            changes: request.variant.changes, known: image)
    }

    /// Says where the kernels' configurations are not like the distribution's, once where both
    /// are alike.
    private func tellRemarks(_ kernels: [Kernel]) {
        var told: Set<String> = []
        for kernel in kernels {
            for remark in kernel.known?.entry.remarks ?? [] where told.insert(remark).inserted {
                let who = kernels.filter { $0.known?.entry.remarks.contains(remark) == true }
                console.diagnostics(
                    "plumbline: \(who.map(\.label).joined(separator: " and ")): \(remark)\n")
            }
        }
    }

    private var cache: String {
        get throws(PlumblineError) { try UserCache.root(console.environment) }
    }

    private func builder() throws(PlumblineError) -> KernelBuilder {
        KernelBuilder(
            store: try KernelStore(environment: console.environment),
            environment: console.environment)
    }
}
