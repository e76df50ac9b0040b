// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// What became of the options asked for, once the kernel's own tools had resolved them.
struct ConfigCheck: Sendable, Equatable {
    /// An option that did not come out as asked.
    struct Loss: Sendable, Equatable {
        /// The option, without `CONFIG_`.
        let option: String
        /// What was asked for.
        let asked: String
        /// What it is.
        let found: String
        /// Whether the source knows the option.
        let isKnown: Bool

        var words: String {
            isKnown
                ? "CONFIG_\(option)=\(asked) came out as \(found)"
                : "CONFIG_\(option) does not exist in this source"
        }
    }

    /// Options without which there is no kernel as asked.
    let lost: [Loss]
    /// Options of the distribution that the source knows and did not take.
    let unfaithful: [Loss]
    /// Options of the distribution that the source does not know.
    let unknown: [String]
    /// Each difference from the distribution with its reason: the plan's, or what came of the
    /// user's own configuration.
    let deviations: [ConfigDeviation]

    /// Compares.
    ///
    /// - Parameters:
    ///   - result: the configuration as it came out.
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
        // What only some versions have is no loss unless the user named it.
        lost = losses(plan.required).filter { $0.isKnown || plan.asked[$0.option] != nil }
        // The user's own configuration is not judged, but what it does otherwise is told.
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

    /// Refuses a kernel that would not be what was asked for.
    ///
    /// - Throws: `failure` naming each option.
    func refuseLosses() throws(PlumblineError) {
        guard !lost.isEmpty else { return }
        throw .failure(
            "the configuration does not hold what was asked for: "
                + lost.map(\.words).joined(separator: "; "),
            remedy: "an option is dropped when something that it depends on is not set: "
                + "ask for that too, in the fragment")
    }
}
