// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol
import SystemPackage

/// Gets kernel sources and unpacks them into the cache.
struct SourceFetcher: Sendable {
    let store: SourceStore
    let process: BuildProcess
    /// Where programs are looked up.
    let path: String
    let report: @Sendable (KernelProgress) -> Void

    /// The source asked for: from the cache, or got now.
    ///
    /// - Parameter refresh: whether to ask apt even when there is a packaged source of the version.
    func fetch(
        _ spec: SourceSpec, refresh: Bool = false
    ) async throws(PlumblineError) -> KernelSource {
        if case .packaged(let version) = spec, !refresh, let found = store.find(packaged: version) {
            return found
        }
        try UserCache.makeDirectory(store.root)
        let lock = try await UserCache.lock(
            "\(store.root)/.lock", isInterrupted: process.isInterrupted,
            whileWaiting: { report(.note("another plumbline is getting a source: waiting")) })
        // It must outlive the last line.
        defer { _ = lock.rawValue }
        removeAbandoned()
        let staging = "\(store.root)/.new-\(ChildProcess.currentID)"
        try UserCache.makeDirectory("\(staging)/tree")
        do {
            return try await fetch(spec, into: staging)
        } catch {
            UserCache.remove(staging)
            throw error
        }
    }

    private func fetch(
        _ spec: SourceSpec, into staging: String
    ) async throws(PlumblineError) -> KernelSource {
        switch spec {
        case .packaged(let version):
            return try await SourcePackage(version: version, fetcher: self).fetch(into: staging)
        case .directory(let path):
            let identity = "directory \(path) \(try await stateOfDirectory(path))"
            return try await keep(identity, staging, path) { tree throws(PlumblineError) in
                report(.phase("copying \(path)"))
                try await process.require(
                    [
                        "tar", "--create", "--exclude=./.git", "--directory", path,
                        "--file=\(staging)/source.tar", ".",
                    ], purpose: "copying \(path)")
                try await unpack("\(staging)/source.tar", to: tree, strip: 0)
            }
        case .tarball(let path):
            let identity = "archive \(try await digest(of: path))"
            return try await keep(identity, staging, path) { tree throws(PlumblineError) in
                report(.phase("unpacking \(path)"))
                try await unpack(path, to: tree, strip: 0)
            }
        case .git(let directory, let reference):
            let repository = try await GitRepository(reference, in: directory, process)
            let place = "git:\(directory)@\(reference)"
            let (version, release) = try await repository.examine(place: place, process)
            let shared = try await keep(
                repository.identity, staging, place
            ) { tree throws(PlumblineError) in
                report(.phase("checking out \(place)"))
                try await repository.checkOut(to: tree, index: "\(staging)/index", process)
                try UserCache.write(
                    Array(repository.commit.utf8), to: "\(staging)/\(SourceTree.commitFile)")
            }
            var source = KernelSource(
                version: version, release: release, identity: "git \(repository.commit)",
                obtained: shared.obtained)
            source.directory = shared.directory
            source.repository = repository
            return source
        }
    }

    /// Takes a source into the cache: what `fill` has unpacked, unless it is there already.
    func keep(
        _ identity: String, _ staging: String, _ place: String,
        _ fill: (_ tree: String) async throws(PlumblineError) -> Void
    ) async throws(PlumblineError) -> KernelSource {
        if let found = store.find(identity: identity) {
            UserCache.remove(staging)
            return found
        }
        let tree = "\(staging)/tree"
        try await fill(tree)
        try await liftSingleDirectory(in: staging)
        UserCache.remove("\(staging)/source.tar")
        let (version, release) = try KernelSource.examine(tree, place: place)
        if SystemFile.exists("\(tree)/.config") {
            try await process.require(["make", "-C", tree, "mrproper"], purpose: "make mrproper")
        }
        var source = KernelSource(
            version: version, release: release, identity: identity,
            obtained: Int(Clock.realtimeNanoseconds() / 1_000_000_000))
        try UserCache.write(LineCodec.encode(source), to: "\(staging)/\(SourceStore.file)")
        try process.refuseInterrupted()
        source.directory = "\(store.root)/\(SourceStore.key(identity))"
        UserCache.remove(source.directory)
        try UserCache.rename(staging, to: source.directory)
        return source
    }

    /// Unpacks an archive whose compression tar finds out.
    func unpack(_ archive: String, to tree: String, strip: Int) async throws(PlumblineError) {
        let outcome = try await process.run([
            "tar", "--extract", "--file=\(archive)", "--directory=\(tree)",
            "--strip-components=\(strip)", "--no-same-owner",
        ])
        guard !outcome.succeeded else { return }
        let doing = "unpacking \(archive)"
        throw BuildFailure.diskFull(in: outcome.lines, while: doing)
            ?? .usage(
                "\(doing) failed: \(outcome.lines.first { $0.contains("tar: ") } ?? "no archive")",
                remedy: "give an archive of a Linux source that tar can read")
    }

    /// An archive has everything in one directory; the tree has not.
    private func liftSingleDirectory(in staging: String) async throws(PlumblineError) {
        let tree = "\(staging)/tree"
        guard let names = try? SystemFile.list(tree), names.count == 1,
            SystemFile.exists("\(tree)/\(names[0])/Makefile")
        else { return }
        try UserCache.rename("\(tree)/\(names[0])", to: "\(staging)/lifted")
        UserCache.remove(tree)
        try UserCache.rename("\(staging)/lifted", to: tree)
    }

    private func stateOfDirectory(_ path: String) async throws(PlumblineError) -> String {
        _ = try KernelSource.examine(path, place: path)
        let outcome = try await process.require(
            [
                "sh", "-c",
                "cd \"$1\" && find . -name .git -prune -o -type f -printf '%P %s %T@\\n' "
                    + "| sort | sha256sum", "sh", path,
            ], purpose: "looking through \(path)")
        return outcome.lines.last.map { String($0.prefix(64)) } ?? ""
    }

    private func digest(of path: String) async throws(PlumblineError) -> String {
        let outcome = try await process.require(["sha256sum", path], purpose: "reading \(path)")
        return outcome.lines.last.map { String($0.drop { $0 == "\\" }.prefix(64)) } ?? ""
    }

    /// What killed runs left: nobody else is at work while the lock is held.
    private func removeAbandoned() {
        for name in (try? SystemFile.list(store.root)) ?? [] where name.hasPrefix(".new-") {
            UserCache.remove("\(store.root)/\(name)")
        }
    }

}
