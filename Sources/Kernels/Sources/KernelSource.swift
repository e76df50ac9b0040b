// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol

/// An unpacked kernel source of ours, in which variants are built one after the other.
public struct KernelSource: Codable, Sendable, Equatable {
    /// The version's first two numbers: `6.12`.
    public let version: String
    /// The whole version: `6.12.117`.
    public let release: String
    /// Where it came from, and which state of it: `linux-source-6.12 6.12.117-1`.
    public let identity: String
    /// Seconds since 1970 at which it was unpacked.
    public let obtained: Int
    /// The directory that holds the tree and what is known of it.
    public var directory = ""
    /// The commit to be checked out before each build, in a tree that all commits of a repository
    /// share; nil for a tree that is one state.
    var repository: GitRepository?

    private enum CodingKeys: String, CodingKey { case version, release, identity, obtained }

    /// The tree itself.
    public var tree: String { "\(directory)/tree" }

    /// By what the objects made from the tree are known again.
    var treeIdentity: String { repository?.identity ?? identity }
    /// Our index of a repository's tree.
    var gitIndex: String { "\(directory)/index" }

    /// Takes the lock under which the tree is changed and built from.
    func lock(
        _ process: BuildProcess, _ progress: @Sendable (KernelProgress) -> Void
    ) async throws(PlumblineError) -> Descriptor {
        try await UserCache.lock(
            "\(directory)/lock", isInterrupted: process.isInterrupted,
            whileWaiting: { progress(.note("another plumbline builds from this source: waiting")) })
    }

    /// What makes a tree one of Linux for x86-64.
    static let needed = ["Makefile", "Kconfig", "scripts/kconfig/Makefile", "arch/x86/Makefile"]

    /// - Throws: `usage` when something needed is not there.
    static func refuseMissing(
        place: String, isThere: (String) -> Bool
    ) throws(PlumblineError) {
        guard let missing = needed.first(where: { !isThere($0) }) else { return }
        throw .usage(
            "\(place) is no kernel source: it has no \(missing)",
            remedy: "name the top directory of a Linux source, or an archive of one")
    }

    /// What a tree's top Makefile and files say about it.
    ///
    /// - Throws: `usage` when it is no kernel source.
    static func examine(
        _ tree: String, place: String
    ) throws(PlumblineError) -> (version: String, release: String) {
        try refuseMissing(place: place) { SystemFile.exists("\(tree)/\($0)") }
        return try numbers(in: UserCache.text("\(tree)/Makefile") ?? "", place: place)
    }

    /// The version and the release that a top Makefile tells.
    static func numbers(
        in makefile: String, place: String
    ) throws(PlumblineError) -> (version: String, release: String) {
        var numbers: [String: String] = [:]
        for line in makefile.split(separator: "\n").prefix(20) {
            let words = line.split(separator: " ")
            if words.count == 3, words[1] == "=" { numbers[String(words[0])] = String(words[2]) }
        }
        guard let major = numbers["VERSION"].flatMap(Int.init),
            let minor = numbers["PATCHLEVEL"].flatMap(Int.init)
        else {
            throw .usage("\(place) is no kernel source: its Makefile tells no version")
        }
        let patch = numbers["SUBLEVEL"].flatMap(Int.init) ?? 0
        return ("\(major).\(minor)", "\(major).\(minor).\(patch)")
    }
}

/// The unpacked sources in the cache.
struct SourceStore: Sendable {
    /// `…/plumbline/sources`.
    let root: String

    static let file = "source.json"

    /// Every source that is complete, the newest first.
    func list() -> [KernelSource] {
        let names = (try? SystemFile.list(root)) ?? []
        return names.filter { !$0.hasPrefix(".") }.compactMap { load($0) }
            .sorted { $0.obtained > $1.obtained }
    }

    /// The source of a state, where it is unpacked already.
    func find(identity: String) -> KernelSource? {
        let found = load(Self.key(identity))
        return found?.identity == identity ? found : nil
    }

    /// The newest packaged source of a version.
    func find(packaged version: String) -> KernelSource? {
        list().first { $0.identity.hasPrefix("linux-source-\(version) ") }
    }

    /// The name of a source's directory.
    static func key(_ identity: String) -> String {
        String(BuildDigest.hex(identity).prefix(16))
    }

    private func load(_ name: String) -> KernelSource? {
        let directory = "\(root)/\(name)"
        guard let text = UserCache.text("\(directory)/\(Self.file)"),
            var source = try? LineCodec.decode(KernelSource.self, from: text.utf8)
        else { return nil }
        source.directory = directory
        return source
    }
}
