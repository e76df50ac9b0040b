// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// One build: patch, configure, compile, store.
///
/// All variants of one source, configuration and compiler are built in one directory, one after
/// the other, so that the next one compiles only what its patches touch.
struct KernelBuild: Sendable {
    let store: KernelStore
    let request: KernelRequest
    let source: KernelSource
    let patches: [KernelPatch]
    let plan: ConfigPlan
    let toolchain: String
    let process: BuildProcess
    let progress: @Sendable (KernelProgress) -> Void

    /// Changes when the way of building does, so that the cache does not return older entries.
    private static let scheme = "1"

    /// What follows the version in `uname -r`.
    private var localVersion: String {
        BuildCommand.localVersion(of: request.name, version: source.version)
    }

    /// The name of the plain image's directory in the cache: a hash of all that decides what it is.
    private var key: String {
        let patched = patches.map { ($0.isReverted ? "-" : "+") + $0.hash }
        return BuildHash.key(
            [Self.scheme, source.identity, plan.hash, toolchain, localVersion] + patched)
    }

    /// The build directory, which all variants of a configuration and all commits of a repository
    /// share.
    var output: String {
        let key = BuildHash.key([Self.scheme, source.treeIdentity, plan.hash, toolchain])
        return "\(store.builds)/\(key)"
    }

    private var name: String { request.name }
    /// There while a build runs, and after a kill.
    private var busyMark: String { "\(output)/plumbline.busy" }
    private var makeLock: String { "\(output)/plumbline.lock" }
    private var logPath: String { "\(output)/plumbline.log" }

    /// Builds, unless the cache has the kernel, or another plumbline builds it meanwhile.
    ///
    /// - Parameter layouts: of the images, in this order; the first is the plain one.
    func build(_ layouts: [KernelLayout]) async throws(PlumblineError) -> [KernelImage] {
        if let found = store.load(key, layouts) { return found }
        let lock = try await source.lock(process, progress)
        // The lock lives to the end of the function.
        defer { _ = lock.rawValue }
        if let found = store.load(key, layouts) { return found }
        guard SystemFile.exists(source.tree) else {
            throw .failure("the source \(source.tree) was removed", remedy: "run it again")
        }
        try UserCache.makeDirectory(output)
        progress(.phase("patching Linux \(source.release) for \(name)"))
        let tree = SourceTree(source: source, process: process)
        for note in try await tree.settle(patches) { progress(.note(note)) }
        if SystemFile.exists(busyMark) {
            try await process.require(
                BuildCommand.removePartialObjects(in: output), purpose: "removing partial objects")
        }
        try UserCache.write([], to: busyMark)
        removePaddedScript()
        let start = Clock.monotonicNanoseconds()
        let check = try await configure()
        progress(.phase("building \(name)"))
        let objects = try await compile(name)
        let seconds = Double(Clock.monotonicNanoseconds() - start) / 1e9
        try process.refuseInterrupted()
        let missing = layouts.filter { store.load(key, [$0]) == nil }
        if let plain = missing.first(where: \.isPlain) {
            progress(.phase("keeping \(name)"))
            try await keep(check, layout: plain, objects: objects, seconds: seconds)
        }
        try await relink(missing.filter { !$0.isPlain }, check)
        UserCache.remove(busyMark)
        guard let images = store.load(key, layouts) else {
            throw .failure("a kernel was removed while it was built", remedy: "run it again")
        }
        return images
    }

    private func configure() async throws(PlumblineError) -> ConfigCheck {
        progress(.phase("configuring \(name)"))
        let wanted = "\(output)/plumbline.config"
        var variables: [String] = []
        if let base = plan.base {
            try UserCache.write(Array((base + "\n" + plan.text).utf8), to: "\(output)/.config")
        } else {
            try UserCache.write(Array(plan.text.utf8), to: wanted)
            variables = ["KCONFIG_ALLCONFIG=\(wanted)"]
        }
        let outcome = try await process.run(
            make(plan.base == nil ? "allnoconfig" : "olddefconfig", variables))
        guard outcome.succeeded else {
            throw failure("configuring \(name) failed", outcome, log: nil)
        }
        let declared = try await process.run(
            BuildCommand.declaredOptions(in: source.tree), keeping: .max)
        let known = Set(
            declared.lines.compactMap { $0.split(separator: " ").last.map(String.init) })
        let result = ConfigOptions(lenient: UserCache.text("\(output)/.config") ?? "")
        let check = ConfigCheck(plan, result: result, known: known)
        try check.refuseLosses()
        return check
    }

    /// Compiles what changed, and links.
    ///
    /// - Returns: how many objects were made.
    func compile(_ name: String) async throws(PlumblineError) -> Int {
        let log = try BuildLog(path: logPath, total: expectedObjects)
        let progress = progress
        let outcome = try await process.run(
            make("bzImage", ["LOCALVERSION=\(localVersion)"])
        ) { line in
            if let object = log.add(line) { progress(object) }
        }
        guard outcome.succeeded else {
            throw failure("building \(name) failed", outcome, log: logPath)
        }
        return log.objects
    }

    /// The objects of a first build; nil when there are objects to reuse.
    private var expectedObjects: Int? {
        if SystemFile.exists("\(output)/vmlinux") { return nil }
        let earlier = store.list().map(\.entry).filter { $0.configuration == plan.hash }
        return earlier.map(\.objects).max()
            ?? BuildLog.usualObjects(isFull: request.variant.isFull)
    }

    /// Takes the image that was just linked into the cache.
    func keep(
        _ check: ConfigCheck, layout: KernelLayout, objects: Int, seconds: Double
    ) async throws(PlumblineError) {
        let image = "\(output)/\(BuildCommand.image)"
        let size: Int
        do {
            let file = try Descriptor.open(image)
            size = try file.facts().size
        } catch {
            throw .failure("building \(name) made no image: \(error)")
        }
        let release = UserCache.text("\(output)/include/config/kernel.release") ?? source.release
        let entry = KernelEntry(
            key: layout.key(plain: key), name: name,
            layout: layout.isPlain ? nil : .init(layout, plain: key),
            release: String(release.prefix { !$0.isNewline }),
            source: source.identity, isStandard: request.isStandard,
            patches: patches.map {
                KernelEntry.Patch(name: $0.name, sha256: $0.hash, reverted: $0.isReverted)
            },
            configurationFile: plan.place, configuration: plan.hash,
            deviations: check.deviations, absentOptions: check.unknown,
            unfaithfulOptions: check.unfaithful.map(\.option), toolchain: toolchain,
            buildID: try await buildID(), imageBytes: size,
            finished: Int(Clock.realtimeNanoseconds() / 1_000_000_000), buildSeconds: seconds,
            objects: objects)
        try store.add(
            entry,
            files: [
                KernelStore.imageName: image, KernelStore.configName: "\(output)/.config",
                KernelStore.logName: logPath,
            ])
    }

    private func buildID() async throws(PlumblineError) -> String? {
        let outcome = try await process.run(["readelf", "--notes", "\(output)/vmlinux"])
        let line = outcome.lines.first { $0.contains("Build ID: ") }
        return line?.split(separator: " ").last.map(String.init)
    }

    private func make(_ target: String, _ variables: [String]) -> [String] {
        BuildCommand.make(
            source: source.tree, output: output, lock: makeLock,
            jobs: request.jobs ?? (try? CPUSet.allowed().count) ?? 1, variables: variables,
            targets: [target])
    }

    private func failure(
        _ what: String, _ outcome: BuildProcess.Outcome, log: String?
    ) -> PlumblineError {
        if outcome.code == BuildCommand.lockedCode {
            return .failure(
                "the make of a killed plumbline is still running in \(output)",
                remedy: "wait for it to end, or find it with: fuser -v \(makeLock)")
        }
        if let full = BuildFailure.diskFull(in: outcome.lines, while: what) { return full }
        let errors = BuildFailure.firstError(in: outcome.lines).map { "\n    \($0)" }.joined()
        return .failure("\(what):\(errors)", remedy: log.map { "see the log \($0)" } ?? "")
    }
}
