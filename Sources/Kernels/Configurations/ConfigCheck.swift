// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// The options of a finished configuration, compared with those asked for.
struct ConfigCheck: Sendable, Equatable {
    /// An option with another value than asked for.
    struct Loss: Sendable, Equatable {
        /// The option, without `CONFIG_`.
        let option: String
        let asked: String
        let found: String
        /// Whether the source has the option.
        let isKnown: Bool

        var words: String {
            isKnown
                ? "CONFIG_\(option)=\(asked) came out as \(found)"
                : "CONFIG_\(option) does not exist in this source"
        }
    }

    /// Required options.
    let lost: [Loss]
    /// Options of the distribution that the source has and did not accept.
    let unfaithful: [Loss]
    /// Options of the distribution that the source does not have.
    let unknown: [String]
    /// Each difference from the distribution with its reason: the plan's, or those of the user's
    /// own configuration.
    let deviations: [ConfigDeviation]

    /// Compares.
    ///
    /// - Parameters:
    ///   - result: the finished configuration.
    ///   - known: every option that the source's Kconfig files declare.
    init(_ plan: ConfigPlan, result: ConfigOptions, known: Set<String>) {
        func losses(_ options: ConfigOptions) -> [Loss] {
            options.names.compactMap { name in
                let asked = options[name] ?? "n"
                guard !ConfigOptions.satisfies(result[name], asked: asked) else { return nil }
                return Loss(
                    option: name, asked: asked, found: result[name] ?? "n",
                    isKnown: known.contains(name))
            }
        }
        let isOurs = plan.base == nil
        let faithful = losses(isOurs ? plan.faithful : plan.distribution)
        // An option that only other versions have is no loss, unless the user named it.
        lost = losses(plan.required).filter { $0.isKnown || plan.asked[$0.option] != nil }
        // The user's own configuration may differ: that is reported, and no error.
        let differing = faithful.filter(\.isKnown)
        unfaithful = isOurs ? differing : []
        deviations =
            isOurs
            ? plan.deviations
            : differing.map {
                ConfigDeviation(
                    option: $0.option, distribution: $0.asked, guest: $0.found,
                    reason: plan.asked[$0.option] == nil
                        ? "in \(plan.place ?? "the user's configuration")" : ConfigPlan.askedFor)
            }
        unknown = faithful.filter { !$0.isKnown }.map(\.option)
    }

    /// Refuses a kernel without the required options.
    func refuseLosses() throws(PlumblineError) {
        guard !lost.isEmpty else { return }
        throw .failure(
            "the configuration lacks required options: "
                + lost.map(\.words).joined(separator: "; "),
            remedy: "an option is dropped when one that it depends on is not set: set that one in "
                + "the fragment too")
    }
}

/// Where a guest's configuration differs from the distribution's, and why.
package struct ConfigDeviation: Codable, Sendable, Hashable {
    /// The option, without `CONFIG_`.
    package let option: String
    /// The distribution's value: `y`, `n`, a number, or a text in quotes.
    package let distribution: String
    /// The guest's value.
    package let guest: String
    package let reason: String
}
