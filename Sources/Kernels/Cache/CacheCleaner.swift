// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import SystemPackage

/// Removes from the cache what can be made again, but nothing in use and nothing outside it.
///
/// A build locks its source, and its make a file of the build directory; a process that boots
/// guests locks their kernels and initramfs (`CacheUse`). The cleaner takes these locks before it
/// removes anything.
package struct CacheCleaner: Sendable {
    package enum Scope: Sendable, Equatable {
        /// What no built kernel needs: objects, initramfs, results of KVM trials.
        case unneeded
        /// The kernels and the sources too.
        case all
        /// Only the kernels of these names or keys.
        case kernels([String])
    }

    /// A file or directory of the cache, and its outcome.
    package struct Item: Sendable, Equatable {
        package enum Outcome: Sendable, Equatable {
            /// It is removed, or would be.
            case removed
            /// It stays, and why.
            case kept(String)
            /// It cannot be removed, and why.
            case failed(String)
        }

        /// The path relative to the cache.
        package let name: String
        package let what: String
        package let bytes: Int
        package var outcome: Outcome
    }

    private let store: KernelStore
    private let isDryRun: Bool

    /// - Parameter isDryRun: whether to report and remove nothing.
    package init(store: KernelStore, isDryRun: Bool) {
        // The cache itself may be a link; links inside it lead out of it.
        self.store = KernelStore(root: CacheFile.resolved(store.root) ?? store.root)
        self.isDryRun = isDryRun
    }

    /// Cleans.
    ///
    /// - Throws: `usage` for a name of no kernel.
    package func clean(_ scope: Scope) throws(PlumblineError) -> [Item] {
        if case .kernels(let names) = scope { return kernels(try keys(of: names)) }
        let unneeded = links() + builds() + archives() + trials()
        return scope == .all ? unneeded + kernels(nil) + sources() : unneeded
    }

    /// The cache's directories that are links: they stay, as the user may have made them.
    private func links() -> [Item] {
        [store.builds, initramfs, store.kernels, store.sources.root].compactMap(CacheFile.init)
            .filter { $0.kind == .other }.map { remove($0, "not a directory", locks: []) }
    }

    private func builds() -> [Item] {
        CacheFile.list(store.builds).map {
            let make = "\($0.path)/plumbline.lock"
            return remove(
                $0, "objects of a build", locks: sourceLocks(ofBuild: $0.path) + existing(make))
        }
    }

    /// The lock of the source of a build directory; the locks of all when it is unknown.
    private func sourceLocks(ofBuild directory: String) -> [String] {
        let all = CacheFile.list(store.sources.root).flatMap { existing("\($0.path)/lock") }
        let own = CacheFile.resolved("\(directory)/source").flatMap { tree in
            all.first { tree == $0.dropLast("lock".count) + "tree" }
        }
        return own.map { [$0] } ?? all
    }

    private func archives() -> [Item] {
        CacheFile.list(initramfs).map { remove($0, "initramfs", locks: [$0.path]) }
    }

    private func trials() -> [Item] {
        CacheFile.list(store.root).filter {
            $0.name.hasPrefix(UserCache.acceleratorPrefix) && $0.kind == .regular
        }.map { remove($0, "result of a KVM trial", locks: []) }
    }

    private func keys(of names: [String]) throws(PlumblineError) -> Set<String> {
        let all = store.all()
        var keys: Set<String> = []
        for name in names {
            let found = all.filter { $0.name == name || $0.entry.key == name }
            guard !found.isEmpty else {
                let known = Set(all.map(\.name)).sorted()
                let near = Spelling.hint(for: name, among: known).map { "\($0) " } ?? ""
                throw .usage(
                    "no kernel '\(name)' in the cache",
                    remedy: known.isEmpty
                        ? "the cache is empty"
                        : "\(near)known kernels: \(known.joined(separator: ", "))")
            }
            keys.formUnion(found.map(\.entry.key))
        }
        // Without the plain image, nothing finds those that were relinked.
        let relinked = all.filter { $0.entry.layout.map { keys.contains($0.plain) } == true }
        return keys.union(relinked.map(\.entry.key))
    }

    /// The kernels of these keys; nil for all.
    private func kernels(_ keys: Set<String>?) -> [Item] {
        CacheFile.list(store.kernels).filter { keys?.contains($0.name) ?? true }.map {
            remove(
                $0, store.load($0.name).map { "kernel \($0.title)" } ?? "incomplete kernel",
                locks: existing("\($0.path)/\(KernelStore.imageName)"))
        }
    }

    private func sources() -> [Item] {
        let fetching = existing("\(store.sources.root)/.lock")
        return CacheFile.list(store.sources.root).filter { $0.kind == .directory }.map { file in
            let source = store.sources.list().first { $0.directory == file.path }
            return remove(
                file, source.map { "source of Linux \($0.release)" } ?? "incomplete source",
                locks: fetching + existing("\(file.path)/lock"))
        }
    }

    private var initramfs: String { "\(store.root)/initramfs" }

    private func existing(_ path: String) -> [String] { SystemFile.exists(path) ? [path] : [] }

    private func remove(_ file: CacheFile, _ what: String, locks: [String]) -> Item {
        let outcome: Item.Outcome =
            if file.kind == .other {
                .kept("it is a link out of the cache")
            } else if file.isBeingMade {
                .kept(Self.inUse)
            } else {
                holding(locks[...]) { () throws(Errno) in if !isDryRun { try removeAtOnce(file) } }
            }
        return Item(
            name: String(file.path.dropFirst(store.root.count + 1)), what: what,
            bytes: file.kind == .other ? 0 : file.bytes, outcome: outcome)
    }

    private static let inUse = "it is in use"

    /// Takes all locks, then does the work.
    private func holding(
        _ locks: ArraySlice<String>, _ work: () throws(Errno) -> Void
    ) -> Item.Outcome {
        do {
            guard let path = locks.first else {
                try work()
                return .removed
            }
            let file = try Descriptor.open(path)
            try file.lockExclusively()
            // The lock lives to the end of the work.
            defer { _ = file.rawValue }
            return holding(locks.dropFirst(), work)
        } catch {
            return error == .wouldBlock ? .kept(Self.inUse) : .failed("\(error)")
        }
    }

    /// Renames a directory before it removes it, so that nobody takes a part for the whole.
    private func removeAtOnce(_ file: CacheFile) throws(Errno) {
        guard file.kind == .directory else { return try file.remove() }
        // After a kill, the store and the next cleaner recognize the remains by this prefix.
        let gone =
            file.path.dropLast(file.name.count)
            + "\(KernelStore.stagingPrefix)\(ChildProcess.currentID)-"
            + file.name.drop { $0 == "." }
        guard rename(file.path, String(gone)) == 0 else { throw Errno(rawValue: errno) }
        try CacheFile(String(gone))?.remove()
    }
}
