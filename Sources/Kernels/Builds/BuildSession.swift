// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// One build: patch, configure, compile, keep.
///
/// All variants of one source, configuration and compiler are built in one directory, one after
/// the other, so that the second one compiles only what its patches touch.
struct BuildSession: Sendable {
    let store: KernelStore
    let inputs: BuildInputs
    let process: BuildProcess
    let progress: @Sendable (KernelProgress) -> Void

    private var source: KernelSource { inputs.source }
    private var name: String { inputs.request.name }
    private var output: String { "\(store.builds)/\(inputs.buildKey)" }
    private var busyMark: String { "\(output)/plumbline.busy" }
    private var makeLock: String { "\(output)/plumbline.lock" }
    private var logPath: String { "\(output)/plumbline.log" }

    /// Builds, or finds that another Plumbline has built it meanwhile.
    func build() async throws(PlumblineError) -> KernelImage {
        let lock = try await source.lock(process, progress)
        // It must outlive the last line.
        defer { _ = lock.rawValue }
        if let found = store.load(inputs.key) { return found }
        guard SystemFile.exists(source.tree) else {
            throw .failure(
                "the source \(source.tree) was removed meanwhile", remedy: "run it again")
        }
        try UserCache.makeDirectory(output)
        progress(.phase("patching Linux \(source.release) for \(name)"))
        let tree = SourceTree(source: source, process: process)
        for note in try await tree.settle(inputs.patches) { progress(.note(note)) }
        if SystemFile.exists(busyMark) {
            try await process.require(
                BuildCommand.removeHalfMade(in: output), purpose: "looking for half-made objects")
        }
        try UserCache.write([], to: busyMark)
        let start = Clock.monotonicNanoseconds()
        let check = try await configure()
        let objects = try await compile()
        let seconds = Double(Clock.monotonicNanoseconds() - start) / 1e9
        try process.refuseInterrupted()
        let image = try await keep(check, objects: objects, seconds: seconds)
        UserCache.remove(busyMark)
        return image
    }

    private func configure() async throws(PlumblineError) -> ConfigCheck {
        progress(.phase("configuring \(name)"))
        let plan = inputs.plan
        let asked = "\(output)/plumbline.config"
        var variables: [String] = []
        if let base = plan.base {
            try UserCache.write(Array((base + "\n" + plan.text).utf8), to: "\(output)/.config")
        } else {
            try UserCache.write(Array(plan.text.utf8), to: asked)
            variables = ["KCONFIG_ALLCONFIG=\(asked)"]
        }
        let outcome = try await process.run(
            make(plan.base == nil ? "allnoconfig" : "olddefconfig", variables))
        guard outcome.succeeded else {
            throw failure("the configuration of \(name) failed", outcome, log: nil)
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

    private func compile() async throws(PlumblineError) -> Int {
        let log: BuildLog
        do {
            log = try BuildLog(path: logPath)
        } catch {
            throw BuildFailure.diskFull(in: error == .noSpace ? ["ENOSPC"] : [], while: "the log")
                ?? .failure("\(logPath) cannot be written: \(error)")
        }
        let pace = BuildPace(total: expectedObjects)
        progress(.phase("building \(name)"))
        let (name, progress) = (name, progress)
        let outcome = try await process.run(
            make("bzImage", BuildCommand.release(inputs.localVersion))
        ) { line in
            guard let (objects, current) = log.add(line) else { return }
            progress(
                .object(
                    kernel: name, done: objects, total: pace.total,
                    remaining: pace.remaining(after: objects), current: current))
        }
        guard outcome.succeeded else {
            throw failure("the build of \(name) failed", outcome, log: logPath)
        }
        return log.objects
    }

    /// What a first build takes; nil once there are objects to reuse.
    private var expectedObjects: Int? {
        if SystemFile.exists("\(output)/vmlinux") { return nil }
        let earlier = store.list().map(\.entry).filter { $0.configuration == inputs.plan.digest }
        return earlier.map(\.objects).max() ?? BuildPace.usualObjects
    }

    private func keep(
        _ check: ConfigCheck, objects: Int, seconds: Double
    ) async throws(PlumblineError) -> KernelImage {
        progress(.phase("keeping \(name)"))
        let image = "\(output)/\(BuildCommand.image)"
        let size: Int
        do {
            let file = try Descriptor.open(image)
            size = try file.facts().size
        } catch {
            throw .failure("the build of \(name) left no image: \(error)")
        }
        let release = UserCache.text("\(output)/include/config/kernel.release") ?? source.release
        let entry = inputs.entry(
            check: check, release: String(release.prefix { !$0.isNewline }),
            buildID: try await buildID(), imageBytes: size, seconds: seconds, objects: objects,
            finished: Int(Clock.realtimeNanoseconds() / 1_000_000_000))
        return try store.add(
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
            jobs: inputs.request.jobs ?? (try? CPUSet.allowed().count) ?? 1, variables: variables,
            targets: [target])
    }

    private func failure(
        _ what: String, _ outcome: BuildProcess.Outcome, log: String?
    ) -> PlumblineError {
        if outcome.code == BuildCommand.lockedCode {
            return .failure(
                "a make that a killed plumbline has left is still at work in \(output)",
                remedy: "wait for its end, or see who holds \(makeLock): fuser -v \(makeLock)")
        }
        if let full = BuildFailure.diskFull(in: outcome.lines, while: what) { return full }
        let errors = BuildFailure.firstError(in: outcome.lines).map { "\n    \($0)" }.joined()
        return .failure(
            "\(what); its first error:\(errors)",
            remedy: log.map { "the whole log: \($0)" } ?? "")
    }
}
