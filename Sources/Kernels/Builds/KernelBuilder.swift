// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Builds kernels, or finds them in the cache.
package struct KernelBuilder: Sendable {
    private let store: KernelStore
    private let path: String
    private let process: BuildProcess
    private let progress: @Sendable (KernelProgress) -> Void

    /// - Parameters:
    ///   - environment: for PATH, in which programs are looked up.
    ///   - progress: called from any thread.
    ///   - isInterrupted: polled ten times a second.
    package init(
        store: KernelStore, environment: [String: String],
        progress: @escaping @Sendable (KernelProgress) -> Void,
        isInterrupted: @escaping @Sendable () -> Bool
    ) {
        self.store = store
        self.path = environment["PATH"] ?? ""
        self.process = BuildProcess(isInterrupted: isInterrupted)
        self.progress = progress
    }

    /// A kernel of the cache, built now when it is not there.
    ///
    /// - Throws: `usage` for an invalid source, patch or configuration; `failure` for a patch that
    ///   does not apply, an option that is lost, a build that fails, a full disk, or missing
    ///   packages; `interrupted`.
    package func build(_ request: KernelRequest) async throws(PlumblineError) -> KernelImage {
        try await build(request, layouts: 1)[0]
    }

    /// A kernel in its first so many layouts, the plain image first: built and relinked now where
    /// the cache has it not.
    ///
    /// - Throws: as `build`; `failure` for a kernel that padding does not move.
    package func build(
        _ request: KernelRequest, layouts count: Int
    ) async throws(PlumblineError) -> [KernelImage] {
        let layouts = KernelLayout.first(count)
        let variant = request.variant
        let toolchain = await toolchain()
        // A machine without a compiler can still boot what was built elsewhere.
        if request.isStandard, let found = store.find(variant, toolchain: toolchain),
            let images = store.load(found.entry.key, layouts)
        {
            return images
        }
        try refuseBadPath()
        let plan = try ConfigPlan(
            version: variant.version, isFull: variant.isFull,
            hasSlubStats: variant.hasSlubStats, isDebug: variant.isDebug,
            config: request.config, fragments: request.fragments)
        let patches = try request.allPatches()
        try BuildTools.refuse(
            missing: missingPackages, isRoot: ChildProcess.userID == 0)
        let source = try await fetch(
            request.source ?? .packaged(version: variant.version), refresh: false)
        guard source.version == variant.version else {
            throw .usage(
                "the source is Linux \(source.release), not \(variant.version)",
                remedy: "use the variant \(source.version), and --patch for patches")
        }
        return try await KernelBuild(
            store: store, request: request, source: source, patches: patches, plan: plan,
            toolchain: toolchain ?? "unknown", process: process, progress: progress
        ).build(layouts)
    }

    /// The packages that are missing for building.
    package var missingPackages: [String] { BuildTools.missing(path: path) }

    /// A source of the cache, fetched and unpacked now when it is not there.
    ///
    /// - Parameter refresh: whether to ask apt for a newer package of a version that is there.
    package func source(
        _ spec: SourceSpec, refresh: Bool = false
    ) async throws(PlumblineError) -> KernelSource {
        let source = try await fetch(spec, refresh: refresh)
        // The tree, which all commits of a repository share, may have another one checked out.
        if source.repository != nil {
            let lock = try await source.lock(process, progress)
            defer { _ = lock.rawValue }
            _ = try await SourceTree(source: source, process: process).settle([])
        }
        return source
    }

    /// The request for a source without changes of ours.
    package func request(for spec: SourceSpec) async throws(PlumblineError) -> KernelRequest {
        let version = try await fetch(spec, refresh: false).version
        var request = KernelRequest(try KernelVariant(version, anyVersion: true))
        request.source = spec
        return request
    }

    /// The kernel's Makefile refuses such directories with a message that does not say what to do.
    private func refuseBadPath() throws(PlumblineError) {
        guard store.root.contains(where: { $0 == ":" || $0.isWhitespace }) else { return }
        throw .failure(
            "cannot build a kernel in \(store.root): the path contains a space or a colon",
            remedy: "set XDG_CACHE_HOME to a directory without them")
    }

    private func fetch(
        _ spec: SourceSpec, refresh: Bool
    ) async throws(PlumblineError) -> KernelSource {
        try await SourceFetcher(
            store: store.sources, process: process, path: path, report: progress
        ).fetch(spec, refresh: refresh)
    }

    /// The versions of compiler and linker; nil without them.
    private func toolchain() async -> String? {
        var names: [String] = []
        for tool in ["gcc", "ld"] {
            guard let outcome = try? await process.run([tool, "--version"]), outcome.succeeded
            else { return nil }
            names.append(outcome.lines.first ?? tool)
        }
        return names.joined(separator: "; ")
    }
}
