// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Experiment
import Guests
import Kernels
import Linux
import Protocol

/// One arm of `plumbline ab`, ready to boot.
struct KernelArm {
    var machine: GuestPairTarget.Machine
    /// The changes of ours that its kernel has.
    var changes: Set<String>
}

/// Makes the arms of two kernels: builds those that are not in the cache, checks that the guests
/// fit into memory, and chooses the accelerator.
struct KernelArmSource {
    let guest: GuestOptions
    let suite: SuiteRecord
    let config: String?
    /// How many guests run at a time.
    let guests: Int
    let agent: String
    let console: Console
    let quiet: Bool

    /// What a user's name for a kernel stands for.
    private enum Origin {
        case image(String)
        case built(KernelRequest)
        case source(SourceSpec)
    }

    /// A kernel with an image.
    private struct Kernel {
        var label: String
        var image: String
        var changes: Set<String> = []
        /// The kernel in the cache; nil for another image.
        var known: KernelImage?
    }

    /// Both arms.
    ///
    /// - Throws: `usage` for an invalid kernel or guest; `failure` for a build that fails, or
    ///   without QEMU; `interrupted`.
    func arms(_ a: String, _ b: String) async throws(PlumblineError) -> (KernelArm, KernelArm) {
        var origins = [try origin(a, option: "--a"), try origin(b, option: "--b")]
        let maker = try GuestMaker(agent: agent, environment: console.environment)
        if let config, origins.allSatisfy({ if case .image = $0 { true } else { false } }) {
            throw .usage(
                "--config \(config) is not supported with two images",
                remedy: "leave it out, or use it with a variant or a commit")
        }
        // Errors of the second kernel show before the first one is built.
        for (index, origin) in origins.enumerated() { origins[index] = try await resolved(origin) }
        let kernels = [
            try await kernel(origins[0], label: a), try await kernel(origins[1], label: b),
        ]
        let (guests, reason) = try await maker.make(
            try kernels.map { kernel throws(PlumblineError) in
                try guest.plan(
                    name: "the guest \(kernel.label)", image: kernel.image, for: suite)
            }, for: suite, atATime: self.guests, accelerator: guest.accelerator,
            isInterrupted: { Interrupts.pending != nil })
        if !quiet { printRemarks(kernels, notUsed: reason) }
        let arms = zip(kernels, guests).map { kernel, guest in
            KernelArm(
                machine: GuestPairTarget.Machine(
                    label: kernel.label, place: guest.place,
                    deviations: kernel.known?.entry.differences ?? [],
                    agent: guest.configuration()),
                changes: kernel.changes)
        }
        return (arms[0], arms[1])
    }

    /// Parses a name; builds nothing.
    private func origin(_ text: String, option: String) throws(PlumblineError) -> Origin {
        if text.hasPrefix("git:") { return .source(try SourceSpec(text)) }
        if text.contains("/") || SystemFile.exists(text) {
            try GuestImage.check(text, nodes: guest.numa ?? 1)
            return .image(text)
        }
        do {
            return .built(KernelRequest(try KernelVariant(text)))
        } catch {
            // It may be in the cache, built with a patch or from a commit of the user's.
            if let found = try KernelStore(environment: console.environment).find(named: text) {
                return .image(found.path)
            }
            throw PlumblineError(
                error.kind, "\(option): \(error.message)",
                remedy: "known variants: \(KernelVariant.knownNames); a file name needs a /; a "
                    + "commit is git:DIR@REF")
        }
    }

    /// Looks up a commit.
    private func resolved(_ origin: Origin) async throws(PlumblineError) -> Origin {
        guard case .source(let source) = origin else { return origin }
        let reporter = KernelReporter(console, quiet: quiet)
        defer { reporter.clear() }
        return .built(try await reporter.builder().request(for: source))
    }

    private func kernel(_ origin: Origin, label: String) async throws(PlumblineError) -> Kernel {
        let cache = try UserCache.root(console.environment)
        switch origin {
        case .source: preconditionFailure("a source is resolved before it is built")
        case .image(let path):
            try CacheUse.hold(path, in: cache)
            return Kernel(label: label, image: path, known: KernelImage(imageAt: path))
        case .built(var request):
            request.config = config
            if try guest.needsFull(for: suite) { request.variant.isFull = true }
            let reporter = KernelReporter(console, quiet: quiet)
            defer { reporter.clear() }
            let image = try await reporter.builder().build(request)
            // The other arm's build may take minutes.
            try CacheUse.hold(image.path, in: cache)
            return Kernel(
                label: label, image: image.path, changes: request.variant.changes, known: image)
        }
    }

    /// Why KVM is not used, which kernels are slow, and where their configurations differ from the
    /// distribution's; a remark about both kernels is printed once.
    private func printRemarks(_ kernels: [Kernel], notUsed reason: String?) {
        if let reason {
            console.diagnostics("plumbline: the guests run without KVM: \(reason)\n")
        }
        var printed: Set<String> = []
        for remark in kernels.flatMap({ $0.known?.entry.remarks ?? [] })
        where printed.insert(remark).inserted {
            let names = kernels.filter { $0.known?.entry.remarks.contains(remark) == true }
                .map(\.label).joined(separator: " and ")
            console.diagnostics("plumbline: \(names): \(remark)\n")
        }
        for kernel in kernels where kernel.known?.isDebug == true {
            console.diagnostics(
                "plumbline: \(kernel.label) is a debug kernel: its times are not those of a "
                    + "production kernel\n")
        }
    }
}
