// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import Experiment
import Journal
import Lab
import Linux

/// One arm of `plumbline ab`, ready to be booted.
struct KernelArm {
    var target: ArmTarget
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
    }

    /// A kernel that was found or built.
    private struct Kernel {
        var label: String
        var image: String
        var changes: Set<String> = []
        var deviations: [String] = []
        var isDebug = false
    }

    /// Both arms.
    ///
    /// - Throws: `usage` for what is no kernel or no machine; `failure` for a build that fails, or
    ///   without QEMU; `interrupted`.
    func arms(_ a: String, _ b: String) async throws(PlumblineError) -> (KernelArm, KernelArm) {
        let origins = [try origin(a, "--a"), try origin(b, "--b")]
        let maker = try GuestMaker(agent: agent, environment: console.environment)
        let plans = [
            try await kernel(origins[0], label: a), try await kernel(origins[1], label: b),
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
            for kernel in plans where kernel.isDebug {
                console.diagnostics(
                    "plumbline: \(kernel.label) is a debug kernel, which looks for mistakes: "
                        + "the times it takes say nothing of other kernels\n")
            }
        }
        let arms = zip(plans, guests).map { kernel, guest in
            KernelArm(
                target: ArmTarget(
                    label: kernel.label, place: guest.place, deviations: kernel.deviations,
                    configuration: guest.configuration()),
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
            throw PlumblineError(
                error.kind, "\(option): \(error.message)",
                remedy: "\(error.remedy); a file is named with a /, a commit git:DIR@REF")
        }
    }

    private func kernel(
        _ origin: Origin, label: String
    ) async throws(PlumblineError) -> Kernel {
        switch origin {
        case .image(let path):
            return Kernel(
                label: label, image: path, isDebug: KernelImage(imageAt: path)?.isDebug == true)
        case .variant(let variant): return try await built(KernelRequest(variant), label: label)
        case .source(let source):
            let reporter = KernelReporter(console, quiet: quiet)
            defer { reporter.clear() }
            let found = try await builder().source(
                source, progress: { reporter.show($0) },
                isInterrupted: { Interrupts.pending != nil })
            var request = KernelRequest(try KernelVariant(found.version, anyVersion: true))
            request.source = source
            return try await built(request, label: label)
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
        return Kernel(
            label: label, image: image.path,
            changes: request.variant.changes,
            deviations: image.entry.deviations.map {
                "\($0.option)=\($0.guest), not \($0.distribution): \($0.reason)"
            }, isDebug: request.variant.isDebug)
    }

    private func builder() throws(PlumblineError) -> KernelBuilder {
        KernelBuilder(
            store: try KernelStore(environment: console.environment),
            environment: console.environment)
    }
}
