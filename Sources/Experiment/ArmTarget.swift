// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics

/// A machine that an arm runs on.
public struct ArmTarget: Sendable {
    /// What the arm is, such as a kernel's name.
    public var label: String
    /// Where it runs, in words.
    public var place: String
    /// Where its configuration deviates from a distribution's, and why.
    public var deviations: [String]
    /// How its agent is started.
    public var configuration: AgentConfiguration

    /// A target.
    public init(
        label: String, place: String, deviations: [String] = [],
        configuration: AgentConfiguration
    ) {
        self.label = label
        self.place = place
        self.deviations = deviations
        self.configuration = configuration
    }
}
