// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import SystemPackage

/// Removes from the cache what can be made again; never what a build or a guest is using, and
/// nothing outside the cache's directory.
///
/// A build holds its source's lock, and the make that it starts one in its directory; a process
/// that boots guests holds their kernels and initramfs (`CacheUse`). The cleaner takes the same
/// locks before it removes anything.
public struct CacheCleaner: Sendable {
    /// What goes.
    public enum Scope: Sendable, Equatable {
        /// What no built kernel needs: objects, initramfs, what was found out of KVM.
        case unneeded
        /// The kernels and the sources too.
        case all
        /// The kernels of these names or keys, and nothing else.
        case kernels([String])
    }

    /// One thing of the cache, and what became of it.
    public struct Item: Sendable, Equatable {
        /// What became of it.
        public enum Outcome: Sendable, Equatable {
            /// It is gone, or would be.
            case removed
            /// It is in use, or must not be followed: why.
            case kept(String)
            /// It could not be removed: why.
            case failed(String)
        }

        /// Where it is, below the cache's directory.
        public let name: String
        /// What it is, in words.
        public let what: String
        /// Its bytes on the disk.
        public let bytes: Int
        /// What became of it.
        public var outcome: Outcome
    }

    private let store: KernelStore
    private let isRehearsal: Bool

    /// A cleaner of a cache.
    ///
    /// - Parameter isRehearsal: whether it only says what it would do.
    public init(store: KernelStore, isRehearsal: Bool) {
        // A cache that is a link to another place is there; links inside it lead out of it.
        self.store = KernelStore(root: CacheFile.resolved(store.root) ?? store.root)
        self.isRehearsal = isRehearsal
    }

    /// Cleans.
    ///
    /// - Throws: `usage` for a name that no kernel has.
    public func clean(_ scope: Scope) throws(PlumblineError) -> [Item] {
        switch scope {
        case .kernels(let names): return try kernels(names)
        case .unneeded: return strayLinks() + builds() + archives() + probes()
        case .all:
            return strayLinks() + builds() + archives() + probes() + kernels { _ in true }
                + sources()
        }
    }

    /// The cache's directories that are links, which may be the user's doing: they stay.
    private func strayLinks() -> [Item] {
        [store.builds, initramfs, store.kernels, store.sources.root].compactMap(CacheFile.init)
            .filter { $0.kind == .other }.map {
                Item(
                    name: name($0.path), what: "no directory", bytes: 0,
                    outcome: .kept("it leads out of the cache"))
            }
    }

    private func builds() -> [Item] {
        CacheFile.list(store.builds).map { file in
            let make = "\(file.path)/plumbline.lock"
            return remove(
                file, "objects of a build",
                locks: sourceLocks(ofBuild: file.path) + (SystemFile.exists(make) ? [make] : []))
        }
    }

    /// The lock of the source that a build directory is of; of all where that is not to be seen.
    private func sourceLocks(ofBuild directory: String) -> [String] {
        let all = CacheFile.list(store.sources.root).map { "\($0.path)/lock" }
            .filter(SystemFile.exists)
        let own = CacheFile.resolved("\(directory)/source").flatMap { tree in
            all.first { tree == $0.dropLast("lock".count) + "tree" }
        }
        return own.map { [$0] } ?? all
    }

    private func archives() -> [Item] {
        CacheFile.list(initramfs).map { remove($0, "initramfs", locks: [$0.path]) }
    }

    private func probes() -> [Item] {
        CacheFile.list(store.root).filter {
            name($0.path).hasPrefix(UserCache.acceleratorPrefix) && $0.kind == .regular
        }.map { remove($0, "what was found out of KVM", locks: []) }
    }

    private func kernels(_ names: [String]) throws(PlumblineError) -> [Item] {
        let all = store.list()
        var keys: Set<String> = []
        for name in names {
            let found = all.filter { $0.name == name || $0.entry.key == name }
            guard !found.isEmpty else {
                let known = Set(all.map(\.name)).sorted().joined(separator: ", ")
                throw .usage(
                    "there is no kernel '\(name)' in the cache",
                    remedy: known.isEmpty ? "it is empty" : "there are: \(known)")
            }
            keys.formUnion(found.map(\.entry.key))
        }
        return kernels { keys.contains($0) }
    }

    private func kernels(_ isWanted: (String) -> Bool) -> [Item] {
        CacheFile.list(store.kernels).filter {
            isWanted(String($0.path.dropFirst(store.kernels.count + 1)))
        }.map { file in
            let key = String(file.path.dropFirst(store.kernels.count + 1))
            let image = "\(file.path)/\(KernelStore.imageName)"
            let what = store.load(key).map { "kernel \($0.name)" } ?? "half a kernel"
            return remove(file, what, locks: SystemFile.exists(image) ? [image] : [])
        }
    }

    private func sources() -> [Item] {
        let fetching = "\(store.sources.root)/.lock"
        let first = SystemFile.exists(fetching) ? [fetching] : []
        return CacheFile.list(store.sources.root).filter { $0.kind == .directory }.map { file in
            let lock = "\(file.path)/lock"
            let key = String(file.path.dropFirst(store.sources.root.count + 1))
            let source = store.sources.list().first { $0.directory == file.path }
            return remove(
                file, source.map { "source of Linux \($0.release)" } ?? "half a source \(key)",
                locks: first + (SystemFile.exists(lock) ? [lock] : []))
        }
    }

    private var initramfs: String { "\(store.root)/initramfs" }

    private func name(_ path: String) -> String { String(path.dropFirst(store.root.count + 1)) }

    private func remove(_ file: CacheFile, _ what: String, locks: [String]) -> Item {
        var item = Item(
            name: name(file.path), what: what, bytes: file.bytes, outcome: .removed)
        guard file.kind != .other else {
            item.outcome = .kept("it leads out of the cache")
            return item
        }
        if isBeingMade(file) {
            item.outcome = .kept(Self.inUse)
            return item
        }
        item.outcome = holding(locks[...]) { () throws(Errno) in
            if isRehearsal { return }
            try removeAtOnce(file)
        }
        return item
    }

    private static let inUse = "it is in use"

    /// Whether the name has the id of a process that is about to finish it.
    private func isBeingMade(_ file: CacheFile) -> Bool {
        let name = file.path.split(separator: "/").last ?? ""
        for prefix in [KernelStore.stagingPrefix, UserCache.initramfsPrefix]
        where name.hasPrefix(prefix) {
            let process = name.dropFirst(prefix.count).prefix { $0 != "-" }
            return SystemFile.exists("/proc/\(process)")
        }
        return false
    }

    /// Takes lock after lock, and does the work once all are held.
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
            // It must outlive the work.
            defer { _ = file.rawValue }
            return holding(locks.dropFirst(), work)
        } catch {
            return error == .wouldBlock ? .kept(Self.inUse) : .failed("\(error)")
        }
    }

    /// Nobody takes half a directory for a whole one: it loses its name first.
    private func removeAtOnce(_ file: CacheFile) throws(Errno) {
        guard file.kind == .directory, let slash = file.path.lastIndex(of: "/") else {
            return try file.remove()
        }
        let key = file.path[file.path.index(after: slash)...]
        // What a kill leaves of it is known by this name to the store, and to the next cleaner.
        let gone =
            file.path[...slash]
            + "\(KernelStore.stagingPrefix)\(ChildProcess.currentID)-\(key.drop { $0 == "." })"
        guard rename(file.path, String(gone)) == 0 else { throw Errno(rawValue: errno) }
        try CacheFile(String(gone))?.remove()
    }
}
