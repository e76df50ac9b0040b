// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// The configuration that a kernel is to have.
struct ConfigPlan: Sendable, Equatable {
    /// Options without which a build fails: what a guest needs, and what the user asks for.
    private(set) var required: ConfigOptions
    /// The part of `required` that the user or the debug flavour asks for.
    private(set) var asked: ConfigOptions
    /// The distribution's options that matter, with our deviations.
    private(set) var faithful: ConfigOptions
    /// Each difference from the distribution, with its reason.
    private(set) var deviations: [ConfigDeviation]
    /// The user's own configuration, to which all else is added; nil for ours.
    let base: String?
    /// The path of the base; nil for ours.
    let place: String?
    /// The distribution's options that matter.
    let distribution: ConfigOptions

    /// The configuration for a guest of a version.
    ///
    /// - Parameters:
    ///   - isFull: whether to add what only some guests need.
    ///   - hasSlubStats: whether the slab allocator counts what it does.
    ///   - isDebug: whether to add the kernel's debugging options.
    ///   - config: the path of a whole configuration to use instead of ours.
    ///   - fragments: paths of options that override ours.
    init(
        version: String, isFull: Bool = false, hasSlubStats: Bool = false, isDebug: Bool = false,
        config: String? = nil, fragments: [String] = []
    ) throws(PlumblineError) {
        distribution = Self.distribution(version)
        var flavours: [(name: String, options: ConfigOptions)] = []
        if hasSlubStats { flavours.append(("slubstats", Self.slubStats)) }
        if isDebug { flavours.append(("debug", Self.debug)) }
        asked = ConfigOptions()
        for flavour in flavours { asked.merge(flavour.options) }
        for path in fragments {
            asked.merge(try ConfigOptions(fragment: try Self.read(path), place: path))
        }
        place = config
        base = if let config { try Self.readBase(config) } else { nil }
        required = Self.guest
        faithful = ConfigOptions()
        deviations = []
        if isFull { required.merge(Self.full) }
        required.merge(asked)
        if base == nil { addFaithful(isFull: isFull, flavours) }
    }

    /// The options that every guest needs.
    static let guest = ConfigOptions(lenient: Self.text(PackageResources.guest_config))

    /// What the full configuration adds to them.
    static let full = ConfigOptions(lenient: Self.text(PackageResources.full_config))

    /// What the flavour adds that counts the slab allocator's work.
    static let slubStats = ConfigOptions(lenient: Self.text(PackageResources.slubstats_config))

    /// The options of the debug flavour.
    static let debug = ConfigOptions(lenient: Self.text(PackageResources.debug_config))

    /// The distribution's options; for a version without a list, those of the nearest version.
    static func distribution(_ version: String) -> ConfigOptions {
        let major = Int(version.prefix { $0 != "." }) ?? 0
        return ConfigOptions(
            lenient: text(
                major < 7
                    ? PackageResources.distribution_6_12_config
                    : PackageResources.distribution_7_2_config))
    }

    /// Where every guest differs from the distribution.
    static let ourDeviations = deviations(in: PackageResources.deviations_txt)

    /// Where a guest without the full configuration differs too.
    static let leanDeviations = deviations(in: PackageResources.lean_txt)

    private static func deviations(
        in list: [UInt8]
    ) -> [(option: String, value: String, reason: String)] {
        text(list).split(separator: "\n").compactMap { line in
            guard !line.hasPrefix("#"), let equals = line.firstIndex(of: "="),
                let gap = line.firstRange(of: "  ")
            else { return nil }
            return (
                String(line[..<equals]), String(line[line.index(after: equals)..<gap.lowerBound]),
                String(line[gap.upperBound...])
            )
        }
    }

    /// All options as lines of a `.config`; later ones override.
    var text: String { faithful.text + required.text }

    /// The identity of the configuration in the cache.
    var hash: String {
        BuildHash.hex([base ?? "none", faithful.text, required.text].joined(separator: "\n--\n"))
    }

    private mutating func addFaithful(
        isFull: Bool, _ flavours: [(name: String, options: ConfigOptions)]
    ) {
        faithful = distribution
        for (option, value, reason) in Self.ourDeviations + (isFull ? [] : Self.leanDeviations) {
            deviate(option, to: value, reason: reason)
        }
        for option in asked.names {
            faithful[option] = nil
            deviations.removeAll { $0.option == option }
            let value = asked[option] ?? "n"
            let flavour = flavours.first { $0.options[option] == value }?.name
            deviate(
                option, to: value, reason: flavour.map { "the \($0) flavour" } ?? Self.askedFor)
        }
        for option in required.names { faithful[option] = nil }
    }

    /// The reason of a deviation that the user asks for.
    static let askedFor = "asked for by a fragment"

    private mutating func deviate(_ option: String, to value: String, reason: String) {
        guard let theirs = distribution[option],
            !ConfigOptions.satisfies(value, asked: theirs)
        else { return }
        faithful[option] = value
        deviations.append(
            ConfigDeviation(option: option, distribution: theirs, guest: value, reason: reason))
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func read(_ path: String) throws(PlumblineError) -> String {
        try UserCache.userText("configuration", at: path, limit: 4 << 20)
    }

    private static func readBase(_ path: String) throws(PlumblineError) -> String {
        let text = try read(path)
        guard ConfigOptions(lenient: text).names.count >= 100 else {
            throw .usage(
                "\(path) is not a whole kernel configuration: it has fewer than 100 options",
                remedy: "use --fragment for single options, or --config /boot/config-*")
        }
        return text
    }
}
