// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// What a kernel of the cache is made of and how it came out, as `entry.json` has it.
package struct KernelEntry: Codable, Sendable, Equatable {
    /// A patch that is in it.
    package struct Patch: Codable, Sendable, Equatable {
        /// The name of our patch or of the user's file.
        package var name: String
        package var sha256: String
        /// Whether it was taken out rather than applied.
        package var reverted: Bool
    }

    /// How a relinked kernel differs from the plain one of the same name.
    package struct Layout: Codable, Sendable, Equatable {
        /// The layout's number, from 1.
        package var number: Int
        /// Bytes before the first ordinary function.
        package var padding: Int
        /// The plain image's key.
        package var plain: String

        /// Of a layout that is not the plain one.
        init(_ layout: KernelLayout, plain: String) {
            (number, padding, self.plain) = (layout.number, layout.padding, plain)
        }
    }

    static let schemaName = "plumbline.kernel/1"

    package var schema = KernelEntry.schemaName
    /// The directory's name: the first 16 digits of the SHA-256 of all inputs.
    package var key: String
    package var name: String
    /// Where its functions are; absent for the plain image.
    package var layout: Layout?
    /// What `uname -r` says in the guest.
    package var release: String
    /// The source and its state.
    package var source: String
    /// Whether the name says everything: source, patches and configuration are ours.
    package var isStandard: Bool
    package var patches: [Patch]
    /// The user's configuration file; nil for ours.
    package var configurationFile: String?
    /// The SHA-256 of the configuration asked for.
    package var configuration: String
    /// Where the configuration differs from the distribution's.
    package var deviations: [ConfigDeviation]
    /// Options of the distribution that this source does not have, without `CONFIG_`.
    package var absentOptions: [String]
    /// Options of the distribution that the source did not accept; empty for our own versions.
    package var unfaithfulOptions: [String]
    package var toolchain: String
    /// The GNU build id in hexadecimal digits, as `/sys/kernel/notes` has it; nil if unreadable.
    package var buildID: String?
    package var imageBytes: Int
    /// Seconds since 1970 at which it was finished.
    package var finished: Int
    package var buildSeconds: Double
    package var objects: Int
}

extension KernelEntry {
    /// Where the configuration differs from the distribution's in a way that a comparison with the
    /// distribution's kernel does not expect, a sentence each; empty for our own variants.
    package var remarks: [String] {
        var remarks: [String] = []
        if !unfaithfulOptions.isEmpty {
            remarks.append(
                "the source did not accept the distribution's \(Self.list(unfaithfulOptions))")
        }
        if !absentOptions.isEmpty {
            remarks.append("the source lacks the distribution's \(Self.list(absentOptions))")
        }
        if let configurationFile, !deviations.isEmpty {
            remarks.append(
                "\(configurationFile) differs from the distribution's configuration in "
                    + Self.list(deviations.map(\.option)))
        }
        return remarks
    }

    /// Every option that differs from the distribution's kernel, and why.
    package var differences: [String] {
        deviations.map { "\($0.option)=\($0.guest), not \($0.distribution): \($0.reason)" }
            + unfaithfulOptions.map { "\($0): the source did not accept the distribution's value" }
            + absentOptions.map { "\($0): the source lacks it" }
    }

    /// The first eight names, and how many more there are.
    private static func list(_ options: [String]) -> String {
        let more = options.count - 8
        return options.prefix(8).map { "CONFIG_\($0)" }.joined(separator: ", ")
            + (more > 0 ? " and \(more) more" : "")
    }
}
