// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Gets Debian's package of a kernel's source and unpacks it.
struct SourcePackage: Sendable {
    let version: String
    let fetcher: SourceFetcher

    private var name: String { "linux-source-\(version)" }
    private var process: BuildProcess { fetcher.process }

    /// Downloads and unpacks the newest that the machine's apt knows, else another suite's.
    func fetch(into staging: String) async throws(PlumblineError) -> KernelSource {
        try requireApt()
        let (candidate, config) = try await candidate()
        return try await fetcher.keep("\(name) \(candidate)", staging, name) {
            tree throws(PlumblineError) in
            try await download(candidate, config, into: staging)
            fetcher.report(.phase("unpacking \(name) \(candidate)"))
            try await unpackPackage(in: staging, to: tree)
        }
    }

    private func requireApt() throws(PlumblineError) {
        let directories = BuildTools.directories(fetcher.path)
        for tool in ["apt-get", "dpkg-deb"]
        where !directories.contains(where: { SystemFile.exists("\($0)/\(tool)") }) {
            throw .failure(
                "there is no \(tool), which \(name) is got with",
                remedy: "give the source with --source DIR, TARBALL or git:DIR@REF")
        }
    }

    private func candidate() async throws(PlumblineError) -> (String, SourceApt.Private?) {
        let own = try await process.run(SourceApt.policy(name, nil))
        if let candidate = SourceApt.candidate(in: own.lines) { return (candidate, nil) }
        let targets = try await process.run(SourceApt.targets)
        guard let mirror = SourceApt.mirror(in: targets.lines) else {
            throw unavailable("apt on this machine names no mirror of Debian")
        }
        var said: [String] = []
        for suite in SourceApt.suites {
            let config = SourceApt.Private(
                directory: "\(fetcher.store.root)/.apt-\(suite)", mirror: mirror, suite: suite,
                keyring: SystemFile.exists(SourceApt.keyring) ? SourceApt.keyring : nil)
            if let candidate = try await candidate(config, &said) { return (candidate, config) }
        }
        throw unavailable(said.isEmpty ? "no suite has it" : said.joined(separator: "; "))
    }

    private func candidate(
        _ config: SourceApt.Private, _ said: inout [String]
    ) async throws(PlumblineError) -> String? {
        fetcher.report(.phase("looking for \(name) in \(config.suite)"))
        for directory in config.directories { try UserCache.makeDirectory(directory) }
        try UserCache.write(Array(config.list.utf8), to: config.listPath)
        let update = try await process.run(SourceApt.update(config))
        said += update.lines.filter { $0.hasPrefix("E: ") }.prefix(1)
        let policy = try await process.run(SourceApt.policy(name, config))
        return SourceApt.candidate(in: policy.lines)
    }

    private func download(
        _ candidate: String, _ config: SourceApt.Private?, into staging: String
    ) async throws(PlumblineError) {
        fetcher.report(.phase("downloading \(name) \(candidate)"))
        let outcome = try await process.run(
            SourceApt.download(name, version: candidate, config), in: staging)
        guard !outcome.succeeded else { return }
        throw BuildFailure.diskFull(in: outcome.lines, while: "the download of \(name)")
            ?? unavailable(outcome.lines.last { $0.hasPrefix("E: ") } ?? "the download failed")
    }

    private func unpackPackage(in staging: String, to tree: String) async throws(PlumblineError) {
        let names = (try? SystemFile.list(staging)) ?? []
        guard let file = names.first(where: { $0.hasSuffix(".deb") }) else {
            throw unavailable("apt-get left no package")
        }
        let content = "\(staging)/package"
        try await process.require(
            ["dpkg-deb", "--extract", "\(staging)/\(file)", content], purpose: "unpacking \(file)")
        UserCache.remove("\(staging)/\(file)")
        let folder = "\(content)/usr/src"
        let archives = (try? SystemFile.list(folder)) ?? []
        guard let archive = archives.first(where: { $0.hasPrefix("linux-source-\(version).tar") })
        else { throw unavailable("the package holds no archive of the source") }
        try await fetcher.unpack("\(folder)/\(archive)", to: tree, strip: 1)
        UserCache.remove(content)
    }

    private func unavailable(_ why: String) -> PlumblineError {
        .failure(
            "\(name) is not to be had: \(why)",
            remedy: "try `apt-get update`, or give the source with --source")
    }
}
