// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Builds kernels, or finds them built.
public struct KernelBuilder: Sendable {
    /// The cache.
    public let store: KernelStore
    private let environment: [String: String]

    /// A builder with a cache.
    ///
    /// - Parameter environment: where PATH says which programs there are.
    public init(store: KernelStore, environment: [String: String]) {
        self.store = store
        self.environment = environment
    }

    /// A kernel of the cache, built now where it is not there yet.
    ///
    /// - Parameters:
    ///   - progress: is told what happens, from any thread.
    ///   - isInterrupted: asked ten times a second whether to end.
    /// - Throws: `usage` for a source, patch or configuration that cannot be one; `failure` for a
    ///   patch that does not apply, an option that is lost, a build that fails, a full disk, or
    ///   packages that are missing; `interrupted`.
    public func build(
        _ request: KernelRequest, progress: @escaping @Sendable (KernelProgress) -> Void,
        isInterrupted: @escaping @Sendable () -> Bool
    ) async throws(PlumblineError) -> KernelImage {
        let process = BuildProcess(isInterrupted: isInterrupted)
        let toolchain = await toolchain(process)
        // A machine without a compiler can still boot what was built elsewhere.
        if request.isStandard, let found = store.find(request.variant, toolchain: toolchain) {
            return found
        }
        try refuseBadPlace()
        let plan = try ConfigPlan(
            version: request.variant.version, isDebug: request.variant.isDebug,
            config: request.config,
            fragments: request.fragments)
        let patches = try request.allPatches()
        try BuildTools.require(path: environment["PATH"] ?? "")
        let source = try await source(
            request.source ?? .packaged(version: request.variant.version), process: process,
            progress: progress)
        guard source.version == request.variant.version else {
            throw .usage(
                "the source is Linux \(source.release), not \(request.variant.version)",
                remedy: "name the variant \(source.version), and patches by --patch")
        }
        let inputs = BuildInputs(
            request: request, source: source, patches: patches, plan: plan,
            toolchain: toolchain ?? "unknown")
        if let found = store.load(inputs.key) { return found }
        return try await BuildSession(
            store: store, inputs: inputs, process: process, progress: progress
        ).build()
    }

    /// A source of the cache, got and unpacked now where it is not there yet.
    ///
    /// - Parameter refresh: whether to ask apt for a newer package of a version that is there.
    public func source(
        _ spec: SourceSpec, refresh: Bool = false,
        progress: @escaping @Sendable (KernelProgress) -> Void,
        isInterrupted: @escaping @Sendable () -> Bool
    ) async throws(PlumblineError) -> KernelSource {
        let process = BuildProcess(isInterrupted: isInterrupted)
        let source = try await source(
            spec, refresh: refresh, process: process, progress: progress)
        // A tree that commits share may be another one's.
        if source.repository != nil {
            let lock = try await source.lock(process, progress)
            defer { _ = lock.rawValue }
            _ = try await SourceTree(source: source, process: process).settle([])
        }
        return source
    }

    /// What a source stands for by itself: its version without any change of ours.
    ///
    /// - Throws: as `source`.
    public func request(
        for spec: SourceSpec, progress: @escaping @Sendable (KernelProgress) -> Void,
        isInterrupted: @escaping @Sendable () -> Bool
    ) async throws(PlumblineError) -> KernelRequest {
        let found = try await source(
            spec, process: BuildProcess(isInterrupted: isInterrupted), progress: progress)
        var request = KernelRequest(try KernelVariant(found.version, anyVersion: true))
        request.source = spec
        return request
    }

    /// The kernel's Makefile refuses such directories, in words that do not help.
    private func refuseBadPlace() throws(PlumblineError) {
        guard store.root.contains(where: { $0 == ":" || $0.isWhitespace }) else { return }
        throw .failure(
            "a kernel cannot be built in \(store.root): its path has a blank or a colon",
            remedy: "set XDG_CACHE_HOME to a directory without them")
    }

    private func source(
        _ spec: SourceSpec, refresh: Bool = false, process: BuildProcess,
        progress: @escaping @Sendable (KernelProgress) -> Void
    ) async throws(PlumblineError) -> KernelSource {
        let fetcher = SourceFetcher(
            store: store.sources, process: process, path: environment["PATH"] ?? "",
            report: progress)
        return try await fetcher.fetch(spec, refresh: refresh)
    }

    /// What compiler and linker say of themselves; nil without them.
    private func toolchain(_ process: BuildProcess) async -> String? {
        var names: [String] = []
        for tool in ["gcc", "ld"] {
            guard let said = try? await process.run([tool, "--version"]), said.succeeded else {
                return nil
            }
            names.append(said.lines.first ?? tool)
        }
        return names.joined(separator: "; ")
    }
}
