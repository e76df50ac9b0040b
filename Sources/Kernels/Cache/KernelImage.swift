// SPDX-License-Identifier: GPL-3.0-or-later

import Protocol

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
    /// What a list marks it as: `debug`, `own` with anything of the user's in it, else nothing.
    public var kind: String {
        entry.isStandard ? isDebug ? "debug" : "" : "own"
    }

    /// Whether it is the flavour that looks for its own mistakes.
    public var isDebug: Bool { (try? KernelVariant(name))?.isDebug == true }

    /// The GNU build id in hexadecimal digits; nil when it could not be read.
    public var buildID: String? { entry.buildID }

    /// The kernel of a cache whose image this is, by the `entry.json` beside it; nil for any other.
    public init?(imageAt path: String) {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        guard let text = UserCache.text("\(directory)/\(KernelStore.entryName)"),
            let entry = try? LineCodec.decode(KernelEntry.self, from: text.utf8)
        else { return nil }
        self.init(entry: entry, directory: directory)
    }

    init(entry: KernelEntry, directory: String) {
        self.entry = entry
        self.directory = directory
    }
}
