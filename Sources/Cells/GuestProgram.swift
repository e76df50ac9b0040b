// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A program that an agent runs, and that a guest must carry.
package enum GuestProgram: String, Sendable, CaseIterable {
    /// Makes ext4, for storage such as `brd:ext4`, and for the guest's own files.
    case makeExt4 = "mkfs.ext4"
    /// Makes XFS.
    case makeXFS = "mkfs.xfs"
    /// Prepares a swap device.
    case makeSwap = "mkswap"
    /// Makes memory scarce.
    case stressNg = "stress-ng"
    /// Runs the commands of a knob.
    case shell = "sh"

    /// Bytes of memory that a guest has for whatever asks for no more.
    static let usualMemory = 1 << 30

    /// The Debian package that has it.
    package var package: String {
        switch self {
        case .makeExt4: "e2fsprogs"
        case .makeXFS: "xfsprogs"
        case .makeSwap: "util-linux"
        case .stressNg: "stress-ng"
        case .shell: "dash"
        }
    }

    /// Whether a guest without it can still run its other cells: the cell that needs the program
    /// could not run then, and says so.
    package var isOptional: Bool { self == .stressNg }

    /// The option that its kernel must have, without `CONFIG_`.
    package var kernelOption: String {
        switch self {
        case .makeExt4: "EXT4_FS"
        case .makeXFS: "XFS_FS"
        case .makeSwap: "SWAP"
        case .stressNg, .shell: "BINFMT_ELF"
        }
    }

    /// What makes a storage's file system; a guest's own files are on ext4.
    static func of(_ storage: StorageSpec) -> Set<GuestProgram> {
        switch (storage.backing, storage.fileSystem) {
        case (.directory, _), (_, .ext4): [.makeExt4]
        case (_, .xfs): [.makeXFS]
        case (_, nil): []
        }
    }
}
