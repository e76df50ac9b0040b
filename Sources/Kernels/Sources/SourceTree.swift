// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import Protocol
import SystemPackage

/// The tree of a source, patched and restored.
///
/// Before a patch changes a file, the original is copied; taking the patch out restores the copy.
/// Only the changed files get a new time, so that make compiles only what depends on them. The
/// state file tells that a kill left a tree partly patched, and the next use restores it.
struct SourceTree: Sendable {
    /// The content of the state file.
    private struct State: Codable, Equatable {
        /// The hashes of the patches, with `-` before one that is reverted.
        var patches: [String] = []
        /// Files with a copy of the original.
        var changed: [String] = []
        /// Files that the source does not have.
        var created: [String] = []
        /// Whether the tree has all of `patches` and nothing else.
        var isSettled = true
    }

    let source: KernelSource
    let process: BuildProcess

    private var statePath: String { "\(source.directory)/state.json" }
    private var pristine: String { "\(source.directory)/pristine" }

    /// Makes the tree the source with exactly these patches.
    ///
    /// - Returns: remarks, such as fuzz.
    func settle(_ patches: [KernelPatch]) async throws(PlumblineError) -> [String] {
        let wanted = patches.map { ($0.isReverted ? "-" : "") + $0.hash }
        var state = try load()
        try await checkOut(&state)
        if state.isSettled, state.patches == wanted { return [] }
        try restore(&state)
        var notes: [String] = []
        for patch in patches {
            do {
                notes += try await apply(patch, &state)
            } catch {
                try restore(&state)
                throw error
            }
        }
        state.patches = wanted
        state.isSettled = true
        try save(state)
        return notes
    }

    /// The file with the commit that is checked out.
    static let commitFile = "commit"

    /// Checks out the source's commit, if another one is there.
    private func checkOut(_ state: inout State) async throws(PlumblineError) {
        guard let repository = source.repository else { return }
        let file = "\(source.directory)/\(Self.commitFile)"
        if UserCache.text(file) == repository.commit { return }
        try restore(&state)
        // The originals are those of another commit.
        UserCache.remove(pristine)
        UserCache.remove(file)
        try await repository.checkOut(to: source.tree, index: "\(source.directory)/index", process)
        try UserCache.write(Array(repository.commit.utf8), to: file)
    }

    private func apply(
        _ patch: KernelPatch, _ state: inout State
    ) async throws(PlumblineError) -> [String] {
        let file = "\(source.directory)/current.patch"
        try UserCache.write(Array(patch.text.utf8), to: file)
        let trial = try await process.run(
            BuildCommand.patch(file, isReverted: patch.isReverted, isDryRun: true), in: source.tree)
        guard trial.succeeded else {
            throw PatchReport(lines: trial.lines).error(patch, release: source.release)
        }
        try copyOriginals(patch.files, &state)
        let outcome = try await process.run(
            BuildCommand.patch(file, isReverted: patch.isReverted, isDryRun: false),
            in: source.tree)
        guard outcome.succeeded else {
            throw BuildFailure.diskFull(in: outcome.lines, while: "applying \(patch.name)")
                ?? PatchReport(lines: outcome.lines).error(patch, release: source.release)
        }
        return PatchReport(lines: outcome.lines).fuzz.map { "\(patch.name): \($0)" }
    }

    /// Copies the files before a change, and saves that the tree is about to change.
    private func copyOriginals(_ files: [String], _ state: inout State) throws(PlumblineError) {
        for file in files where !state.changed.contains(file) && !state.created.contains(file) {
            guard SystemFile.exists("\(source.tree)/\(file)") else {
                state.created.append(file)
                continue
            }
            let copy = "\(pristine)/\(file)"
            if !SystemFile.exists(copy) {
                try UserCache.makeParent(of: copy)
                try UserCache.write(UserCache.bytes("\(source.tree)/\(file)"), to: copy)
            }
            state.changed.append(file)
        }
        state.isSettled = false
        try save(state)
    }

    private func restore(_ state: inout State) throws(PlumblineError) {
        guard state != State() else { return }
        state.isSettled = false
        try save(state)
        for file in state.changed {
            let path = "\(source.tree)/\(file)"
            let original = try UserCache.bytes("\(pristine)/\(file)")
            try UserCache.makeParent(of: path)
            let permissions = Self.permissions(path)
            try UserCache.write(original, to: path)
            if let permissions { _ = chmod(path, permissions) }
        }
        for file in state.created { UserCache.remove("\(source.tree)/\(file)") }
        state = State()
        try save(state)
    }

    private func load() throws(PlumblineError) -> State {
        guard let text = UserCache.text(statePath) else { return State() }
        return try LineCodec.decode(State.self, from: text.utf8)
    }

    private func save(_ state: State) throws(PlumblineError) {
        try UserCache.write(LineCodec.encode(state), to: statePath)
    }

    private static func permissions(_ path: String) -> UInt32? {
        guard let file = try? Descriptor.open(path) else { return nil }
        return try? file.facts().permissions
    }
}
