// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Glibc
import Linux
import Protocol
import SystemPackage

/// The tree of a source with some patches in it, and the way back to none.
///
/// Before a patch changes a file, the file as it came is put aside; what is taken out is put back
/// from there. Only touched files get a new time, so that make compiles these alone. A tree that
/// a kill has left half patched is known by its state file, and put back first.
struct SourceTree: Sendable {
    /// What is in the tree.
    private struct State: Codable, Equatable {
        /// The digests of the patches, `-` before one that is taken out.
        var patches: [String] = []
        /// Files of which a copy was put aside.
        var changed: [String] = []
        /// Files that the source did not have.
        var created: [String] = []
        /// Whether all of `patches` are in, and nothing else.
        var isSettled = true
    }

    let source: KernelSource
    let process: BuildProcess

    private var statePath: String { "\(source.directory)/state.json" }
    private var pristine: String { "\(source.directory)/pristine" }

    /// Makes the tree the source with exactly these patches; nothing changes where it is already.
    ///
    /// - Returns: what was noteworthy, such as fuzz.
    /// - Throws: `failure` naming the hunk when one does not apply; the tree is then the source
    ///   without patches.
    func settle(_ patches: [KernelPatch]) async throws(PlumblineError) -> [String] {
        let wanted = patches.map { ($0.isReverted ? "-" : "") + $0.digest }
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

    /// The file that tells which commit the tree is.
    static let commitFile = "commit"

    /// Makes the tree the commit that is wanted, where it is another one.
    private func checkOut(_ state: inout State) async throws(PlumblineError) {
        guard let repository = source.repository else { return }
        let file = "\(source.directory)/\(Self.commitFile)"
        if UserCache.text(file) == repository.commit { return }
        try restore(&state)
        // Files that were put aside are another commit's.
        UserCache.remove(pristine)
        UserCache.remove(file)
        try await repository.checkOut(to: source.tree, index: source.gitIndex, process)
        try UserCache.write(Array(repository.commit.utf8), to: file)
    }

    private func apply(
        _ patch: KernelPatch, _ state: inout State
    ) async throws(PlumblineError) -> [String] {
        let file = "\(source.directory)/current.patch"
        try UserCache.write(Array(patch.text.utf8), to: file)
        let trial = try await process.run(
            BuildCommand.tryPatch(file, isReverted: patch.isReverted), in: source.tree)
        guard trial.succeeded else {
            throw PatchReport(lines: trial.lines).error(patch, release: source.release)
        }
        try putAside(patch.files, &state)
        let outcome = try await process.run(
            BuildCommand.patch(file, isReverted: patch.isReverted), in: source.tree)
        guard outcome.succeeded else {
            throw BuildFailure.diskFull(in: outcome.lines, while: "applying \(patch.name)")
                ?? PatchReport(lines: outcome.lines).error(patch, release: source.release)
        }
        return PatchReport(lines: outcome.lines).fuzz.map { "\(patch.name): \($0)" }
    }

    /// Copies the files as they came, and writes down that the tree is about to change.
    private func putAside(_ files: [String], _ state: inout State) throws(PlumblineError) {
        for file in files where !state.changed.contains(file) && !state.created.contains(file) {
            guard SystemFile.exists("\(source.tree)/\(file)") else {
                state.created.append(file)
                continue
            }
            let copy = "\(pristine)/\(file)"
            if !SystemFile.exists(copy) {
                try Self.makeParent(of: copy)
                try UserCache.write(Self.bytes("\(source.tree)/\(file)"), to: copy)
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
            let original = try Self.bytes("\(pristine)/\(file)")
            try Self.makeParent(of: path)
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

    private static func makeParent(of path: String) throws(PlumblineError) {
        if let slash = path.lastIndex(of: "/") {
            try UserCache.makeDirectory(String(path[..<slash]))
        }
    }

    private static func bytes(_ path: String) throws(PlumblineError) -> [UInt8] {
        do {
            let file = try Descriptor.open(path)
            return try file.readAll(limit: 64 << 20)
        } catch {
            throw .failure("\(path) cannot be read: \(error)")
        }
    }

    private static func permissions(_ path: String) -> UInt32? {
        guard let file = try? Descriptor.open(path) else { return nil }
        return try? file.facts().permissions
    }
}
