// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Experiment
import Guests
import Kernels
import Linux
import Protocol

/// A kernel that a command line names.
struct KernelName {
    /// A variant, an image or a commit.
    var text: String
    /// The option that names it, for errors.
    var option: String
    /// What its command line has beside `--append`.
    var words: [String] = []
    /// Changes of ours whose switches it must have.
    var switches: [KernelChange] = []

    /// The name in reports: two arms may differ in their words alone.
    var label: String { ([text] + words).joined(separator: " ") }
}

/// A kernel with its guest, ready to boot.
struct KernelArm {
    var machine: GuestMachine
    /// The changes of ours that its kernel has.
    var changes: Set<String>
    /// The padding of each layout of its kernel; nil for one layout.
    var paddings: [Int]?
}

/// Makes the guests of kernels: builds those that are not in the cache, checks that the guests
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
    /// What the guests carry beside the programs that the suite needs.
    var programs: Set<GuestProgram> = []
    /// The layouts of the kernels.
    var relinks = RelinkPlan(count: 0, isGiven: true)

    /// What a user's name for a kernel stands for.
    enum Origin {
        case image(String)
        case built(KernelRequest)
        case source(SourceSpec)
    }

    /// A kernel with an image.
    private struct Kernel {
        var name: KernelName
        var image: String
        var changes: Set<String> = []
        /// The kernel in the cache; nil for another image.
        var known: KernelImage?
        /// The images of its other layouts.
        var relinked: [KernelImage] = []
    }

    /// An arm for each kernel.
    ///
    /// - Throws: `usage` for an invalid kernel or guest, or one without a switch; `failure` for a build that fails, or
    ///   without QEMU; `interrupted`.
    func arms(_ names: [KernelName]) async throws(PlumblineError) -> [KernelArm] {
        var origins = try names.map { name throws(PlumblineError) in try origin(name) }
        for (name, origin) in zip(names, origins) { try checkSwitches(of: name, origin) }
        let maker = try GuestMaker(agent: agent, environment: console.environment)
        if let config, origins.allSatisfy({ if case .image = $0 { true } else { false } }) {
            throw .usage(
                "--config \(config) is not supported with two images",
                remedy: "leave it out, or use it with a variant or a commit")
        }
        // Errors of the second kernel show before the first one is built.
        for (index, origin) in origins.enumerated() { origins[index] = try await resolved(origin) }
        let relinks = try relinkPlan(of: origins)
        var kernels: [Kernel] = []
        for (name, origin) in zip(names, origins) {
            kernels.append(try await kernel(origin, name, layouts: max(1, relinks.count)))
        }
        let (guests, reason) = try await maker.make(
            try kernels.map { kernel throws(PlumblineError) in
                try guest.plan(
                    name: "the guest \(kernel.name.text)", image: kernel.image, for: suite,
                    appending: kernel.name.words)
            }, for: suite, programs: programs, atATime: self.guests, accelerator: guest.accelerator,
            isInterrupted: { Interrupts.pending != nil })
        if !quiet { printRemarks(kernels, notUsed: reason) }
        return zip(kernels, guests).map { kernel, guest in
            var machine = GuestMachine(
                label: kernel.name.label, place: guest.place,
                deviations: kernel.known?.entry.differences ?? [], agent: guest.configuration())
            machine.relinked = kernel.relinked.map { guest.booting($0).configuration() }
            return KernelArm(
                machine: machine, changes: kernel.changes, paddings: relinks.paddings)
        }
    }

    /// Refuses what `arms` would refuse before it builds anything.
    ///
    /// - Throws: as `arms`.
    func check(_ names: [KernelName]) async throws(PlumblineError) {
        for name in names {
            let origin = try origin(name)
            try checkSwitches(of: name, origin)
            guard case .source(.git(let directory, let reference)) = origin else { continue }
            let git = Git(in: directory, isInterrupted: { Interrupts.pending != nil })
            do throws(PlumblineError) { try await git.check() } catch {
                guard error.kind == .usage else { throw error }
                throw .usage("\(name.option): \(directory) is not a git repository")
            }
            _ = try await git.commit(reference, option: name.option)
        }
    }

    /// Builds a kernel of two that differ, in the layouts that each is to have.
    ///
    /// - Throws: as `arms`.
    func build(_ name: KernelName) async throws(PlumblineError) {
        let origin = try await resolved(try origin(name))
        _ = try await kernel(origin, name, layouts: max(1, relinks.count))
    }

    /// Parses a name; builds nothing.
    private func origin(_ name: KernelName) throws(PlumblineError) -> Origin {
        let (text, option) = (name.text, name.option)
        if text.hasPrefix("git:") { return .source(try SourceSpec(text)) }
        if text.contains("/") || SystemFile.exists(text) {
            try GuestImage.check(text, nodes: guest.numa ?? 1)
            return .image(text)
        }
        do {
            return .built(KernelRequest(try KernelVariant(text)))
        } catch {
            // It may be in the cache, built with a patch or from a commit of the user's.
            let store = try KernelStore(environment: console.environment)
            if let found = store.find(named: text) { return .image(found.path) }
            let names = error.message.contains("did you mean") ? [] : store.list().map(\.name)
            let near = Spelling.hint(for: text, among: names)
            throw PlumblineError(
                error.kind, "\(option): \(error.message)",
                remedy: (near.map { "\($0) " } ?? "")
                    + "known variants: \(KernelVariant.knownNames); a file name needs a /; a "
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

    /// Refuses a kernel that is known to lack a switch; of another one the guest tells.
    private func checkSwitches(
        of name: KernelName, _ origin: Origin
    ) throws(PlumblineError) {
        let patches: [String]
        switch origin {
        case .built(let request) where request.source == nil: patches = request.appliedPatches
        case .image(let path):
            guard let entry = KernelImage(imageAt: path)?.entry, entry.isStandard else { return }
            patches = entry.appliedPatches
        default: return
        }
        for change in name.switches {
            try change.checkSwitch(
                of: name.text, patches: patches,
                built: (try? KernelStore(environment: console.environment))?.list() ?? [])
        }
    }

    private func kernel(
        _ origin: Origin, _ name: KernelName, layouts: Int
    ) async throws(PlumblineError) -> Kernel {
        let cache = try UserCache.root(console.environment)
        switch origin {
        case .source: preconditionFailure("a source is resolved before it is built")
        case .image(let path):
            try CacheUse.hold(path, in: cache)
            return Kernel(name: name, image: path, known: KernelImage(imageAt: path))
        case .built(var request):
            request.config = config
            if try guest.needsFull(for: suite) { request.variant.isFull = true }
            let reporter = KernelReporter(console, quiet: quiet)
            defer { reporter.clear() }
            let images = try await reporter.builder().build(request, layouts: layouts)
            // The other arm's build may take minutes.
            for image in images { try CacheUse.hold(image.path, in: cache) }
            return Kernel(
                name: name, image: images[0].path, changes: request.variant.changes,
                known: images[0], relinked: Array(images.dropFirst()))
        }
    }

    /// Why KVM is not used, which kernels are slow, and where their configurations differ from the
    /// distribution's; a remark about both kernels is printed once.
    private func printRemarks(_ kernels: [Kernel], notUsed reason: String?) {
        if let reason { console.sayEmulated(because: reason) }
        var printed: Set<String> = []
        for remark in kernels.flatMap({ $0.known?.entry.remarks ?? [] })
        where printed.insert(remark).inserted {
            let names = kernels.filter { $0.known?.entry.remarks.contains(remark) == true }
                .map(\.name.text).joined(separator: " and ")
            console.diagnostics("plumbline: \(names): \(remark)\n")
        }
        for kernel in kernels where kernel.known?.isDebug == true {
            console.diagnostics(
                "plumbline: \(kernel.name.text) is a debug kernel: its times are not those of a "
                    + "production kernel\n")
        }
    }
}
