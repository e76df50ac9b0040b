// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Everything that went into a kernel of the cache and what came out, as `entry.json` holds it.
public struct KernelEntry: Codable, Sendable, Equatable {
    /// A patch that is in it.
    public struct Patch: Codable, Sendable, Equatable {
        /// Our name, or the user's file's.
        public var name: String
        /// The text's SHA-256.
        public var sha256: String
        /// Whether it was taken out rather than applied.
        public var reverted: Bool
    }

    /// The schema of this document.
    public static let schemaName = "plumbline.kernel/1"

    /// The schema's name and version.
    public var schema = KernelEntry.schemaName
    /// The directory's name: the SHA-256 of all inputs, its first 16 digits.
    public var key: String
    /// The variant's name.
    public var name: String
    /// What `uname -r` says in the guest.
    public var release: String
    /// Where the source came from, and which state of it.
    public var source: String
    /// Whether source, patches and configuration are those that the name alone stands for.
    public var isStandard: Bool
    /// The patches in their order.
    public var patches: [Patch]
    /// The user's configuration file; nil for ours.
    public var configurationFile: String?
    /// The SHA-256 of the configuration asked for.
    public var configuration: String
    /// Where the configuration differs from the distribution's.
    public var deviations: [ConfigDeviation]
    /// Options of the distribution that this source does not have, without `CONFIG_`.
    public var absentOptions: [String]
    /// Options of the distribution that the source did not take; empty for our own versions.
    public var unfaithfulOptions: [String]
    /// The compiler and the linker.
    public var toolchain: String
    /// The GNU build id in hexadecimal digits, as `/sys/kernel/notes` has it; nil if unreadable.
    public var buildID: String?
    /// Bytes of the image.
    public var imageBytes: Int
    /// Seconds since 1970 at which it was finished.
    public var finished: Int
    /// How long the build took.
    public var buildSeconds: Double
    /// Objects that had to be made.
    public var objects: Int
}
