// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Yams

/// A change to the kernel that comes with Plumbline: a folder of `Patches`, which holds a patch for
/// each version and a description.
package struct KernelChange: Sendable {
    /// The description, as the folder's YAML file has it.
    struct Description: Decodable {
        /// The name in variants, such as `6.12+NAME`.
        var name: String
        /// Versions that have the change themselves: there the patch adds the switch only.
        var upstream: [String]
        /// Changes that edit the same lines.
        var excludes: [String]
        /// What the change needs that only some versions have; nil where every version will do.
        var needs: Need?
        /// The kernel parameter that turns the change on and off, such as `pipe.prealloc`.
        var `switch`: String
        /// By built-in suite, the cells that run the changed code.
        var tests: [String: String]
    }

    /// What a change needs of the kernel.
    struct Need: Decodable {
        /// The first version that has it.
        var version: String
        /// What it is, for messages: "sheaves, which the slab allocator has since 6.18".
        var what: String
    }

    let description: Description
    /// What was published of it, as its file of claims has it; nil where nothing was.
    package let claims: String?
    private let patches: [String: [UInt8]]

    package var name: String { description.name }

    /// - Parameters:
    ///   - yaml: the description.
    ///   - claims: the file of claims.
    ///   - patches: a patch per version; `revert-VERSION` takes an upstream change out.
    init(_ yaml: [UInt8], claims: [UInt8]? = nil, patches: [String: [UInt8]]) {
        do {
            description = try YAMLDecoder().decode(
                Description.self, from: String(decoding: yaml, as: UTF8.self))
        } catch {
            preconditionFailure("the description of a patch is invalid: \(error)")
        }
        self.claims = claims.map { String(decoding: $0, as: UTF8.self) }
        self.patches = patches
    }

    /// Whether a version has the change itself.
    func isUpstream(in version: String) -> Bool { description.upstream.contains(version) }

    /// What the change needs and a version does not have; nil where it has it.
    func missing(in version: String) -> String? {
        guard let needs = description.needs, Self.isNewer(needs.version, than: version) else {
            return nil
        }
        return "it needs \(needs.what)"
    }

    /// The names of the variants that have it, one a version.
    var variants: [String] {
        KernelVariant.versions.filter { missing(in: $0) == nil }.map { "\($0)+\(name)" }
    }

    /// The patch that adds the change to a version, or with `isRemoved` takes it out there. Where
    /// the version has the change itself, the first one adds its switch.
    ///
    /// A version without patches of its own gets those of the nearest older version, else those of
    /// the oldest.
    func patch(for version: String, isRemoved: Bool) throws(PlumblineError) -> KernelPatch {
        if let missing = missing(in: version) {
            throw .usage(
                "there is no patch \(name) for Linux \(version): \(missing)",
                remedy: "kernels with it: \(variants.joined(separator: ", "))")
        }
        let known = KernelVariant.versions
        let older = known.filter { Self.isNewer(version, than: $0) }
        let candidates = [version] + older.reversed() + known.prefix(1)
        let prefix = isRemoved ? "revert-" : ""
        guard let bytes = candidates.lazy.compactMap({ patches[prefix + $0] }).first else {
            throw .failure("there is no patch \(prefix)\(name) for Linux \(version)")
        }
        return KernelPatch(
            name: isRemoved ? "\(name)-revert" : name, text: String(decoding: bytes, as: UTF8.self))
    }

    private static func isNewer(_ version: String, than other: String) -> Bool {
        let numbers = [version, other].map { $0.split(separator: ".").compactMap { Int($0) } }
        return numbers[1].lexicographicallyPrecedes(numbers[0])
    }
}
