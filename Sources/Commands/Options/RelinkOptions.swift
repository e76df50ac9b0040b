// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Kernels

/// The option of how many layouts each of two kernels is linked in.
public struct RelinkOptions: ParsableArguments {
    /// Layouts of each kernel.
    @Option(
        help: ArgumentHelp(
            "Link each kernel in so many layouts: 0, or 3 to 16.",
            discussion: "Default: one for each round of boots, up to 16, where the kernels differ "
                + "and both can be built; else 0. Fewer than the rounds make p too small.",
            valueName: "number"))
    public var relinks: Int?

    private static let least = 3
    private static let most = 16

    /// Made by the argument parser.
    public init() {}

    /// The layouts of each kernel.
    ///
    /// - Parameter rounds: rounds of boots; each draws a layout for each arm.
    /// - Throws: `usage` for a number that shows nothing.
    func plan(rounds: Int) throws(PlumblineError) -> RelinkPlan {
        if let relinks, relinks != 0, !(Self.least...Self.most).contains(relinks) {
            throw .usage(
                "invalid value '\(relinks)' for --relinks (allowed: 0, or \(Self.least) to "
                    + "\(Self.most))",
                remedy: "fewer than \(Self.least) layouts do not show how much a layout changes; 0 "
                    + "leaves each kernel as it is")
        }
        return RelinkPlan(
            count: relinks ?? max(Self.least, min(rounds, Self.most)), isGiven: relinks != nil)
    }
}

/// How many layouts each of two kernels is to be linked in.
struct RelinkPlan {
    /// The layouts, with the plain one; 0 for no relinks.
    var count: Int
    /// Whether the user asks for it; else it is done where it can be and matters.
    var isGiven: Bool
    /// Whether kernels that are alike get layouts too.
    var evenAlike = false

    /// The paddings that the journal keeps; nil for one layout.
    var paddings: [Int]? { count > 0 ? KernelLayout.first(count).map(\.padding) : nil }
}
