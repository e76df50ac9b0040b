// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol

/// An unpacked kernel source of the cache, in which variants are built one after the other.
package struct KernelSource: Codable, Sendable, Equatable {
    /// The version's first two numbers: `6.12`.
    package let version: String
    /// The whole version: `6.12.117`.
    package let release: String
    /// The origin and its state: `linux-source-6.12 6.12.117-1`.
    let identity: String
    /// Seconds since 1970 at which it was unpacked.
    let obtained: Int
    /// The directory of the tree and of what belongs to it.
    var directory = ""
    /// The commit to check out before each build, in a tree that all commits of a repository
    /// share; nil for a tree of one state.
    var repository: GitRepository?

    private enum CodingKeys: String, CodingKey { case version, release, identity, obtained }

    /// The source's top directory.
    package var tree: String { "\(directory)/tree" }

    /// The identity for the key of the objects.
    var treeIdentity: String { repository?.identity ?? identity }

    /// Waits for the lock under which the tree is changed and built from.
    func lock(
        _ process: BuildProcess, _ progress: @Sendable (KernelProgress) -> Void
    ) async throws(PlumblineError) -> Descriptor {
        try await UserCache.lock(
            "\(directory)/lock", isInterrupted: process.isInterrupted,
            whileWaiting: {
                progress(.note("waiting for another plumbline that builds from this source"))
            })
    }

    /// Files that every source of Linux for x86-64 has.
    static let needed = ["Makefile", "Kconfig", "scripts/kconfig/Makefile", "arch/x86/Makefile"]

    static func refuseMissing(
        place: String, isThere: (String) -> Bool
    ) throws(PlumblineError) {
        guard let missing = needed.first(where: { !isThere($0) }) else { return }
        throw .usage(
            "\(place) is not a kernel source: it has no \(missing)",
            remedy: "give the top directory of a Linux source, or an archive of one")
    }

    /// The version and release of a tree.
    static func examine(
        _ tree: String, place: String
    ) throws(PlumblineError) -> (version: String, release: String) {
        try refuseMissing(place: place) { SystemFile.exists("\(tree)/\($0)") }
        return try numbers(in: UserCache.text("\(tree)/Makefile") ?? "", place: place)
    }

    /// The version and release in a top Makefile.
    static func numbers(
        in makefile: String, place: String
    ) throws(PlumblineError) -> (version: String, release: String) {
        var numbers: [Substring: Int] = [:]
        for line in makefile.split(separator: "\n").prefix(20) {
            let words = line.split(separator: " ")
            if words.count == 3, words[1] == "=" { numbers[words[0]] = Int(words[2]) }
        }
        guard let major = numbers["VERSION"], let minor = numbers["PATCHLEVEL"] else {
            throw .usage("\(place) is not a kernel source: its Makefile has no version")
        }
        return ("\(major).\(minor)", "\(major).\(minor).\(numbers["SUBLEVEL"] ?? 0)")
    }
}

/// The unpacked sources of the cache.
struct SourceStore: Sendable {
    /// `…/plumbline/sources`.
    let root: String

    static let file = "source.json"

    /// Every complete source, the newest first.
    func list() -> [KernelSource] {
        let names = (try? SystemFile.list(root)) ?? []
        return names.filter { !$0.hasPrefix(".") }.compactMap { load($0) }
            .sorted { $0.obtained > $1.obtained }
    }

    func find(identity: String) -> KernelSource? {
        let found = load(Self.key(identity))
        return found?.identity == identity ? found : nil
    }

    /// The newest packaged source of a version.
    func find(packaged version: String) -> KernelSource? {
        list().first { $0.identity.hasPrefix("linux-source-\(version) ") }
    }

    /// The name of a source's directory.
    static func key(_ identity: String) -> String { BuildHash.key([identity]) }

    private func load(_ name: String) -> KernelSource? {
        let directory = "\(root)/\(name)"
        guard let text = UserCache.text("\(directory)/\(Self.file)"),
            var source = try? LineCodec.decode(KernelSource.self, from: text.utf8)
        else { return nil }
        source.directory = directory
        return source
    }
}
