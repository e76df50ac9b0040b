// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Linux
import Protocol
import SystemPackage

/// The kernels that were built, by what they are made of.
///
/// An entry is a directory that gets its name by one rename after all its files are on the disk:
/// an entry with a name is complete.
package struct KernelStore: Sendable {
    package let root: String

    static let imageName = "bzImage"
    static let configName = "config"
    static let logName = "build.log"
    static let entryName = "entry.json"
    static let stagingPrefix = ".new-"

    package init(environment: [String: String]) throws(PlumblineError) {
        root = try UserCache.root(environment)
    }

    package init(root: String) { self.root = root }

    var kernels: String { "\(root)/kernels" }
    var sources: SourceStore { SourceStore(root: "\(root)/sources") }
    var builds: String { "\(root)/builds" }

    /// Every kernel, the newest first; not those that are relinked.
    package func list() -> [KernelImage] { all().filter { $0.entry.layout == nil } }

    /// Every image, relinked ones included, the newest first.
    package func all() -> [KernelImage] {
        let names = (try? SystemFile.list(kernels)) ?? []
        return names.filter { !$0.hasPrefix(".") }.compactMap { load($0) }
            .sorted { ($0.entry.finished, $0.name) > ($1.entry.finished, $1.name) }
    }

    /// A kernel's images in these layouts; nil unless all are there.
    ///
    /// - Parameter plain: the plain image's key.
    func load(_ plain: String, _ layouts: [KernelLayout]) -> [KernelImage]? {
        let found = layouts.compactMap { load($0.key(plain: plain)) }
        return found.count == layouts.count ? found : nil
    }

    /// The newest kernel of a variant with the patches and the configuration of this program, and
    /// the newest of Debian's sources in the cache; nil when it must be built.
    ///
    /// - Parameter toolchain: the compiler and linker that made it; nil for any. Two arms made by
    ///   different compilers differ in more than their patches.
    package func find(_ variant: KernelVariant, toolchain: String? = nil) -> KernelImage? {
        guard
            let plan = try? ConfigPlan(
                version: variant.version, isFull: variant.isFull,
                hasSlubStats: variant.hasSlubStats, isDebug: variant.isDebug),
            let patches = try? KernelRequest(variant).allPatches().map(\.hash)
        else { return nil }
        let source = sources.find(packaged: variant.version)?.identity
        return list().first { image in
            let entry = image.entry
            return entry.isStandard && entry.name == variant.name
                && entry.configuration == plan.hash
                && entry.patches.map(\.sha256) == patches
                && (source == nil || entry.source == source)
                && (toolchain == nil || entry.toolchain == toolchain)
        }
    }

    /// The newest kernel of a name, standard or not, or the one of a key.
    package func find(named name: String) -> KernelImage? {
        list().first { $0.name == name || $0.entry.key == name }
    }

    /// The kernel of a key; nil when there is none or it is damaged.
    func load(_ key: String) -> KernelImage? {
        guard let image = KernelImage(in: "\(kernels)/\(key)"),
            image.entry.schema == KernelEntry.schemaName, image.entry.key == key,
            let file = try? Descriptor.open(image.path),
            (try? file.facts().size) == image.entry.imageBytes
        else { return nil }
        return image
    }

    /// Adds a finished build.
    ///
    /// - Parameter files: the path of each file to copy, by its name in the entry.
    @discardableResult
    func add(
        _ entry: KernelEntry, files: [String: String]
    ) throws(PlumblineError) -> KernelImage {
        try UserCache.makeDirectory(kernels)
        // The partial entries of killed processes.
        for file in CacheFile.list(kernels)
        where file.name.hasPrefix(Self.stagingPrefix) && !file.isBeingMade {
            UserCache.remove(file.path)
        }
        let staging =
            "\(kernels)/\(Self.stagingPrefix)\(ChildProcess.currentID)-\(entry.key)"
        UserCache.remove(staging)
        try UserCache.makeDirectory(staging)
        do {
            for (name, path) in files {
                try UserCache.write(
                    UserCache.bytes(path, limit: 256 << 20), to: "\(staging)/\(name)")
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
}
