// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Fetches and unpacks Debian's package of a kernel's source.
struct SourcePackage: Sendable {
    let version: String
    let fetcher: SourceFetcher

    private var name: String { "linux-source-\(version)" }
    private var process: BuildProcess { fetcher.process }

    /// Fetches the newest package that the machine's apt knows, else one of another suite.
    func fetch(into staging: String) async throws(PlumblineError) -> KernelSource {
        try requireApt()
        let (candidate, apt) = try await candidate()
        return try await fetcher.keep("\(name) \(candidate)", from: name, staging: staging) {
            tree throws(PlumblineError) in
            fetcher.report(.phase("downloading \(name) \(candidate)"))
            let outcome = try await process.run(
                apt.download(name, version: candidate), in: staging)
            guard outcome.succeeded else {
                throw BuildFailure.diskFull(in: outcome.lines, while: "downloading \(name)")
                    ?? unavailable(
                        outcome.lines.last { $0.hasPrefix("E: ") } ?? "the download failed")
            }
            fetcher.report(.phase("unpacking \(name) \(candidate)"))
            try await unpackPackage(in: staging, to: tree)
        }
    }

    private func requireApt() throws(PlumblineError) {
        let directories = BuildTools.directories(fetcher.path)
        for tool in ["apt-get", "dpkg-deb"]
        where !directories.contains(where: { SystemFile.exists("\($0)/\(tool)") }) {
            throw .failure(
                "cannot fetch \(name) without \(tool)",
                remedy: "give the source with --source DIR, TARBALL or git:DIR@REF")
        }
    }

    private func candidate() async throws(PlumblineError) -> (String, Apt) {
        let own = try await process.run(Apt().policy(name))
        if let candidate = Apt.candidate(in: own.lines) { return (candidate, Apt()) }
        let targets = try await process.run(Apt.targets)
        guard let mirror = Apt.mirror(in: targets.lines) else {
            throw unavailable("apt has no mirror of Debian on this machine")
        }
        var errors: [String] = []
        for suite in Apt.suites {
            fetcher.report(.phase("looking for \(name) in \(suite)"))
            let directory = "\(fetcher.store.root)/.apt-\(suite)"
            let apt = Apt(
                directory: directory, mirror: mirror, suite: suite,
                keyring: SystemFile.exists(Apt.keyring) ? Apt.keyring : nil)
            try UserCache.makeDirectory("\(directory)/state/lists/partial")
            try UserCache.makeDirectory("\(directory)/cache/archives/partial")
            try UserCache.write(Array(apt.list.utf8), to: "\(directory)/sources.list")
            let update = try await process.run(apt.update)
            errors += update.lines.filter { $0.hasPrefix("E: ") }.prefix(1)
            let policy = try await process.run(apt.policy(name))
            if let candidate = Apt.candidate(in: policy.lines) { return (candidate, apt) }
        }
        throw unavailable(errors.isEmpty ? "no suite has it" : errors.joined(separator: "; "))
    }

    private func unpackPackage(in staging: String, to tree: String) async throws(PlumblineError) {
        let names = (try? SystemFile.list(staging)) ?? []
        guard let file = names.first(where: { $0.hasSuffix(".deb") }) else {
            throw unavailable("apt-get downloaded no package")
        }
        let content = "\(staging)/package"
        try await process.require(
            ["dpkg-deb", "--extract", "\(staging)/\(file)", content], purpose: "unpacking \(file)")
        UserCache.remove("\(staging)/\(file)")
        let folder = "\(content)/usr/src"
        let archives = (try? SystemFile.list(folder)) ?? []
        guard let archive = archives.first(where: { $0.hasPrefix("linux-source-\(version).tar") })
        else { throw unavailable("the package has no archive of the source") }
        try await fetcher.unpack("\(folder)/\(archive)", to: tree, strip: 1)
        UserCache.remove(content)
    }

    private func unavailable(_ why: String) -> PlumblineError {
        .failure(
            "cannot fetch \(name): \(why)",
            remedy: "run `apt-get update`, or give the source with --source")
    }
}
