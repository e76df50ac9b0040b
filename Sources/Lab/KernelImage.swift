// SPDX-License-Identifier: GPL-3.0-or-later

import Journal

/// A kernel in the cache, ready to be booted.
public struct KernelImage: Sendable, Equatable {
    /// Everything that is known of it.
    public let entry: KernelEntry
    /// The directory with `bzImage`, `config`, `build.log` and `entry.json`.
    public let directory: String

    /// The variant's name.
    public var name: String { entry.name }
    /// The bzImage.
    public var path: String { "\(directory)/\(KernelStore.imageName)" }
    /// The configuration as the kernel's tools resolved it.
    public var configPath: String { "\(directory)/\(KernelStore.configName)" }
    /// What `uname -r` says in the guest.
    public var release: String { entry.release }
    /// What must stand on the kernel's command line; empty for most variants.
    public var commandLine: String { entry.commandLine }
    /// What must stand on the command line of an image that lies in a cache, beside its
    /// `entry.json`; nothing for any other.
    public static func commandLine(ofImageAt path: String) -> [String] {
        entry(ofImageAt: path)?.commandLine.split(separator: " ").map(String.init) ?? []
    }

    /// What is known of an image that lies in a cache; nil for any other.
    public static func entry(ofImageAt path: String) -> KernelEntry? {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        return UserCache.text("\(directory)/\(KernelStore.entryName)").flatMap {
            try? LineCodec.decode(KernelEntry.self, from: $0.utf8)
        }
    }

    /// The GNU build id in hexadecimal digits; nil when it could not be read.
    public var buildID: String? { entry.buildID }
}
