// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// Boots: these arms' guests are up from here on.
public struct RoundRecord: Codable, Sendable, Equatable {
    /// Its number, from 0.
    public var round: Int
    /// The arm that booted first, by a coin.
    public var first: Arm
    /// What each arm's agent greeted with.
    public var hosts: [Arm: Hello]
    /// The boots of a machine that reboots between the arms; absent for guests.
    public var boots: [Arm: BootRecord]?
    /// The layout of each arm's kernel, by its number; absent where each has one.
    public var layouts: [Arm: Int]?
    /// CLOCK_REALTIME, nanoseconds since 1970.
    public var at: UInt64

    private enum CodingKeys: String, CodingKey {
        case round, first, hosts, boots, layouts
        case at = "at_ns"
    }

    /// A round.
    public init(
        round: Int, first: Arm, hosts: [Arm: Hello], boots: [Arm: BootRecord]? = nil,
        layouts: [Arm: Int]? = nil, at: UInt64
    ) {
        self.round = round
        self.first = first
        self.hosts = hosts
        self.boots = boots
        self.layouts = layouts
        self.at = at
    }
}

/// A round whose slices do not count, because a guest was lost in it or unfit.
public struct RoundVoid: Codable, Sendable, Equatable {
    /// The round's number.
    public var round: Int
    /// The arm whose guest it was.
    public var arm: Arm
    /// Why, with what its console said.
    public var error: PlumblineError

    /// A round that does not count.
    public init(round: Int, arm: Arm, error: PlumblineError) {
        self.round = round
        self.arm = arm
        self.error = error
    }
}
