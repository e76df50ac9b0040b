// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// The configuration that a kernel is asked to have.
struct ConfigPlan: Sendable, Equatable {
    /// Options that must survive: what a guest needs, and what the user asks for.
    private(set) var required: ConfigOptions
    /// Options that the user or the debug flavour named, a part of `required`.
    private(set) var asked: ConfigOptions
    /// The distribution's options that matter, our deviations in place of some of them.
    private(set) var faithful: ConfigOptions
    /// Each difference from the distribution, with its reason.
    private(set) var deviations: [ConfigDeviation]
    /// The user's own configuration, on which all else is put; nil for ours.
    let base: String?
    /// Where the base is from; nil for ours.
    let place: String?
    /// What the distribution sets.
    let distribution: ConfigOptions

    /// What a guest of this version gets.
    ///
    /// - Parameters:
    ///   - config: the path of a whole configuration to use in place of ours.
    ///   - isDebug: whether it is the flavour that looks for mistakes.
    ///   - fragments: paths of options that win over ours.
    /// - Throws: `usage` when a file cannot be read or holds something else.
    init(
        version: String, isDebug: Bool = false, config: String? = nil, fragments: [String] = []
    ) throws(PlumblineError) {
        distribution = Self.distribution(version)
        asked = isDebug ? Self.debug : ConfigOptions()
        for path in fragments {
            asked.merge(try ConfigOptions(fragment: try Self.read(path), place: path))
        }
        place = config
        base = if let config { try Self.readBase(config) } else { nil }
        required = Self.guest
        faithful = ConfigOptions()
        deviations = []
        required.merge(asked)
        if base == nil { addFaithful(isDebug: isDebug) }
    }

    /// What a guest needs to run the agent.
    static let guest = ConfigOptions(lenient: Self.text(PackageResources.guest_config))

    /// What the debug flavour has.
    static let debug = ConfigOptions(lenient: Self.text(PackageResources.debug_config))

    /// What the distribution sets; for a version of which we know nothing, the nearest known.
    static func distribution(_ version: String) -> ConfigOptions {
        let major = Int(version.prefix { $0 != "." }) ?? 0
        return ConfigOptions(
            lenient: text(
                major < 7
                    ? PackageResources.distribution_6_12_config
                    : PackageResources.distribution_7_2_config))
    }

    /// Our own deviations: option, value, reason.
    static let ourDeviations: [(option: String, value: String, reason: String)] =
        text(PackageResources.deviations_txt).split(separator: "\n").compactMap { line in
            guard !line.hasPrefix("#"), let equals = line.firstIndex(of: "="),
                let gap = line.firstRange(of: "  ")
            else { return nil }
            return (
                String(line[..<equals]), String(line[line.index(after: equals)..<gap.lowerBound]),
                String(line[gap.upperBound...])
            )
        }

    /// All options in the form of a `.config`, the later ones winning.
    var text: String { faithful.text + required.text }

    /// By what the cache knows the configuration again.
    var digest: String {
        BuildDigest.hex([base ?? "none", faithful.text, required.text].joined(separator: "\n--\n"))
    }

    private mutating func addFaithful(isDebug: Bool) {
        faithful = distribution
        for (option, value, reason) in Self.ourDeviations { deviate(option, value, reason) }
        for option in asked.names {
            faithful[option] = nil
            deviations.removeAll { $0.option == option }
            let value = asked[option] ?? "n"
            let isFlavour = isDebug && value == Self.debug[option]
            deviate(option, value, isFlavour ? "the debug flavour" : Self.askedFor)
        }
        for option in required.names { faithful[option] = nil }
    }

    /// The reason of a deviation that the user wants.
    static let askedFor = "asked for by a fragment"

    private mutating func deviate(_ option: String, _ value: String, _ reason: String) {
        guard let theirs = distribution[option],
            !ConfigOptions.satisfies(value, asked: theirs)
        else { return }
        faithful[option] = value
        deviations.append(
            ConfigDeviation(option: option, distribution: theirs, guest: value, reason: reason))
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func read(_ path: String) throws(PlumblineError) -> String {
        do {
            let file = try Descriptor.open(path, [.read, .nonblocking])
            return String(decoding: try file.readAll(limit: 4 << 20), as: UTF8.self)
        } catch {
            throw .usage("the configuration \(path) cannot be read: \(error)")
        }
    }

    private static func readBase(_ path: String) throws(PlumblineError) -> String {
        let text = try read(path)
        guard ConfigOptions(lenient: text).names.count >= 100 else {
            throw .usage(
                "\(path) is no whole kernel configuration: it has fewer than 100 options",
                remedy: "give single options with --fragment, or take /boot/config-*")
        }
        return text
    }
}
