// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Linux
import Protocol
import SystemPackage

/// The kernels that were built, cached by what went into them.
///
/// An entry is a directory that gets its name by one rename, after all in it has reached the
/// disk: what is there is whole.
public struct KernelStore: Sendable {
    /// The cache's directory.
    public let root: String

    static let imageName = "bzImage"
    static let configName = "config"
    static let logName = "build.log"
    static let entryName = "entry.json"
    static let stagingPrefix = ".new-"

    /// The cache of this user: `$XDG_CACHE_HOME/plumbline`, else `~/.cache/plumbline`.
    ///
    /// - Throws: `failure` where the environment names no directory.
    public init(environment: [String: String]) throws(PlumblineError) {
        root = try UserCache.root(environment)
    }

    /// A cache in a directory of the caller's choice.
    public init(root: String) { self.root = root }

    var kernels: String { "\(root)/kernels" }
    var sources: SourceStore { SourceStore(root: "\(root)/sources") }
    var builds: String { "\(root)/builds" }

    /// Every kernel, the newest first.
    public func list() -> [KernelImage] {
        let names = (try? SystemFile.list(kernels)) ?? []
        return names.filter { !$0.hasPrefix(".") }.compactMap { load($0) }
            .sorted { ($0.entry.finished, $0.name) > ($1.entry.finished, $1.name) }
    }

    /// The newest kernel that is what a variant's name stands for: our patches as they are in
    /// this program, our configuration, the newest of Debian's sources in the cache. Nil when it
    /// must be built.
    ///
    /// - Parameter toolchain: the compiler and linker that must have made it; nil for any. Two
    ///   arms made by different ones differ in more than their patches.
    public func find(_ variant: KernelVariant, toolchain: String? = nil) -> KernelImage? {
        guard
            let plan = try? ConfigPlan(version: variant.version, isDebug: variant.isDebug),
            let patches = try? KernelRequest(variant).allPatches().map(\.digest)
        else { return nil }
        let source = sources.find(packaged: variant.version)?.identity
        return list().first { image in
            let entry = image.entry
            return entry.isStandard && entry.name == variant.name
                && entry.configuration == plan.digest
                && entry.patches.map(\.sha256) == patches
                && (source == nil || entry.source == source)
                && (toolchain == nil || entry.toolchain == toolchain)
        }
    }

    /// The newest kernel of a name, standard or not, or the one of a key.
    public func find(named name: String) -> KernelImage? {
        list().first { $0.name == name || $0.entry.key == name }
    }

    /// The kernel of a key; nil when there is none or it is damaged.
    func load(_ key: String) -> KernelImage? {
        let directory = "\(kernels)/\(key)"
        guard let text = UserCache.text("\(directory)/\(Self.entryName)"),
            let entry = try? LineCodec.decode(KernelEntry.self, from: text.utf8),
            entry.schema == KernelEntry.schemaName, entry.key == key
        else { return nil }
        let image = KernelImage(entry: entry, directory: directory)
        guard let file = try? Descriptor.open(image.path),
            (try? file.facts().size) == entry.imageBytes
        else { return nil }
        return image
    }

    /// Takes a finished build into the cache.
    ///
    /// - Parameter files: each entry's file name with the file to copy.
    /// - Throws: `failure` when the disk is full; there is then no entry.
    func add(
        _ entry: KernelEntry, files: [String: String]
    ) throws(PlumblineError) -> KernelImage {
        try UserCache.makeDirectory(kernels)
        removeAbandoned()
        let staging =
            "\(kernels)/\(Self.stagingPrefix)\(ChildProcess.currentID)-\(entry.key)"
        UserCache.remove(staging)
        try UserCache.makeDirectory(staging)
        do {
            for (name, path) in files {
                try Self.copy(path, to: "\(staging)/\(name)")
            }
            try UserCache.write(LineCodec.encode(entry), to: "\(staging)/\(Self.entryName)")
            let directory = "\(kernels)/\(entry.key)"
            UserCache.remove(directory)
            try UserCache.rename(staging, to: directory)
            return KernelImage(entry: entry, directory: directory)
        } catch {
            UserCache.remove(staging)
            throw error
        }
    }

    /// What killed Plumblines left half made.
    private func removeAbandoned() {
        for name in (try? SystemFile.list(kernels)) ?? [] where name.hasPrefix(Self.stagingPrefix) {
            let process = name.dropFirst(Self.stagingPrefix.count).prefix { $0 != "-" }
            if !SystemFile.exists("/proc/\(process)") { UserCache.remove("\(kernels)/\(name)") }
        }
    }

    private static func copy(_ path: String, to copy: String) throws(PlumblineError) {
        let bytes: [UInt8]
        do {
            let file = try Descriptor.open(path)
            bytes = try file.readAll(limit: 256 << 20)
        } catch {
            throw .failure("\(path) cannot be read: \(error)")
        }
        try UserCache.write(bytes, to: copy)
    }
}
