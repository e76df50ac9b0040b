// SPDX-License-Identifier: GPL-3.0-or-later

import Protocol

/// A kernel of the cache.
package struct KernelImage: Sendable, Equatable {
    package let entry: KernelEntry
    /// The directory with `bzImage`, `config`, `build.log` and `entry.json`.
    package let directory: String

    package var name: String { entry.name }
    /// The name, and the layout's number of a relinked one: `6.12 layout 2`.
    package var title: String { name + (entry.layout.map { " layout \($0.number)" } ?? "") }
    package var path: String { "\(directory)/\(KernelStore.imageName)" }
    /// The configuration that it was built with.
    package var configPath: String { "\(directory)/\(KernelStore.configName)" }
    /// What `uname -r` says in the guest.
    package var release: String { entry.release }
    /// The mark in a list: `full` and `debug`, or `own` with anything of the user's in it.
    package var kind: String {
        entry.isStandard ? variant?.flavours.joined(separator: ", ") ?? "" : "own"
    }

    /// What its name says; nil for a name with a commit or a patch of the user's in it.
    package var variant: KernelVariant? { try? KernelVariant(name) }

    /// Whether it has the kernel's debugging options, with a patch of the user's as well.
    package var isDebug: Bool {
        name.split { "+@".contains($0) }.contains { $0 == KernelVariant.debugWord }
    }

    /// The kernel with this image, by the `entry.json` beside it; nil for an image from elsewhere.
    package init?(imageAt path: String) {
        self.init(in: path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ".")
    }

    /// The kernel of a directory; nil without an entry.
    init?(in directory: String) {
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
