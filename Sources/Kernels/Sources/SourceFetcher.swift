// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol
import SystemPackage

/// Fetches kernel sources and unpacks them into the cache.
struct SourceFetcher: Sendable {
    let store: SourceStore
    let process: BuildProcess
    /// The PATH in which programs are looked up.
    let path: String
    let report: @Sendable (KernelProgress) -> Void

    /// A source from the cache, or fetched now.
    ///
    /// - Parameter refresh: whether to ask apt even when there is a packaged source of the version.
    func fetch(_ spec: SourceSpec, refresh: Bool) async throws(PlumblineError) -> KernelSource {
        if case .packaged(let version) = spec, !refresh, let found = store.find(packaged: version) {
            return found
        }
        try UserCache.makeDirectory(store.root)
        let lock = try await UserCache.lock(
            "\(store.root)/.lock", isInterrupted: process.isInterrupted,
            whileWaiting: { report(.note("waiting for another plumbline that fetches a source")) })
        // The lock lives to the end of the function.
        defer { _ = lock.rawValue }
        // Killed processes leave these; nobody else fetches while the lock is held.
        for name in (try? SystemFile.list(store.root)) ?? [] where name.hasPrefix(".new-") {
            UserCache.remove("\(store.root)/\(name)")
        }
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
            let identity = "directory \(path) \(try await state(ofDirectory: path))"
            return try await keep(identity, from: path, staging: staging) {
                tree throws(PlumblineError) in
                report(.phase("copying \(path)"))
                try await process.require(
                    [
                        "tar", "--create", "--exclude=./.git", "--directory", path,
                        "--file=\(staging)/source.tar", ".",
                    ], purpose: "copying \(path)")
                try await unpack("\(staging)/source.tar", to: tree, strip: 0)
            }
        case .tarball(let path):
            let sum = try await process.require(
                ["sha256sum", "--", path], purpose: "reading \(path)")
            let identity = "archive \(Self.hash(in: sum))"
            return try await keep(identity, from: path, staging: staging) {
                tree throws(PlumblineError) in
                report(.phase("unpacking \(path)"))
                try await unpack(path, to: tree, strip: 0)
            }
        case .git(let directory, let reference):
            let repository = try await GitRepository(reference, in: directory, process)
            return try await keep(
                repository, place: "git:\(directory)@\(reference)", staging: staging)
        }
    }

    private func keep(
        _ repository: GitRepository, place: String, staging: String
    ) async throws(PlumblineError) -> KernelSource {
        let (version, release) = try await repository.examine(place: place, process)
        let shared = try await keep(repository.identity, from: place, staging: staging) {
            tree throws(PlumblineError) in
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

    /// Adds a source to the cache, unless it is there already.
    ///
    /// - Parameter fill: unpacks it.
    func keep(
        _ identity: String, from place: String, staging: String,
        fill: (_ tree: String) async throws(PlumblineError) -> Void
    ) async throws(PlumblineError) -> KernelSource {
        if let found = store.find(identity: identity) {
            UserCache.remove(staging)
            return found
        }
        let tree = "\(staging)/tree"
        try await fill(tree)
        try liftSingleDirectory(in: staging)
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

    /// Unpacks an archive of any compression that tar knows.
    func unpack(_ archive: String, to tree: String, strip: Int) async throws(PlumblineError) {
        let outcome = try await process.run([
            "tar", "--extract", "--file=\(archive)", "--directory=\(tree)",
            "--strip-components=\(strip)", "--no-same-owner",
        ])
        guard !outcome.succeeded else { return }
        let purpose = "unpacking \(archive)"
        throw BuildFailure.diskFull(in: outcome.lines, while: purpose)
            ?? .usage(
                "\(purpose): \(outcome.lines.first { $0.contains("tar: ") } ?? "not an archive")",
                remedy: "give an archive of a Linux source that tar can read")
    }

    /// An archive usually has everything in one directory.
    private func liftSingleDirectory(in staging: String) throws(PlumblineError) {
        let tree = "\(staging)/tree"
        guard let names = try? SystemFile.list(tree), names.count == 1,
            SystemFile.exists("\(tree)/\(names[0])/Makefile")
        else { return }
        try UserCache.rename("\(tree)/\(names[0])", to: "\(staging)/lifted")
        UserCache.remove(tree)
        try UserCache.rename("\(staging)/lifted", to: tree)
    }

    /// A hash of the files' names, sizes and times.
    private func state(ofDirectory path: String) async throws(PlumblineError) -> String {
        _ = try KernelSource.examine(path, place: path)
        return Self.hash(
            in: try await process.require(
                [
                    "sh", "-c",
                    "cd -- \"$1\" && find . -name .git -prune -o -type f -printf '%P %s %T@\\n' "
                        + "| sort | sha256sum", "sh", path,
                ], purpose: "listing \(path)"))
    }

    /// The hash in the output of sha256sum, which has a backslash first for some names.
    private static func hash(in outcome: BuildProcess.Outcome) -> String {
        outcome.lines.last.map { String($0.drop { $0 == "\\" }.prefix(64)) } ?? ""
    }
}
