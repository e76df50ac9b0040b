// SPDX-License-Identifier: GPL-3.0-or-later

import Protocol

/// What a journal with two arms compares, and the rule by which it stops: all of it settled before
/// the first slice.
public struct ComparisonRecord: Codable, Sendable, Equatable {
    /// One arm in words.
    public struct Arm: Codable, Sendable, Equatable {
        /// What it is: `vm.swappiness=60`, a kernel's name.
        public var label: String
        /// Where it runs, such as `qemu tcg, 2 CPUs, 1 GiB`; absent for this machine itself.
        public var target: String?
        /// The address of its own machine, without the user; absent where the arms share one.
        public var host: String?
        /// The guest it runs in; absent for this machine itself.
        public var guest: GuestRecord?
        /// Where the kernel's configuration deviates from a distribution's, and why.
        public var deviations: [String]?

        /// An arm.
        public init(
            label: String, target: String? = nil, host: String? = nil, guest: GuestRecord? = nil,
            deviations: [String]? = nil
        ) {
            self.label = label
            self.target = target
            self.host = host
            self.guest = guest
            self.deviations = deviations
        }
    }

    /// Both arms.
    public struct Arms: Codable, Sendable, Equatable {
        /// The baseline.
        public var a: Arm
        /// The candidate.
        public var b: Arm

        private enum CodingKeys: String, CodingKey {
            case a = "A"
            case b = "B"
        }

        /// Two arms.
        public init(a: Arm, b: Arm) {
            self.a = a
            self.b = b
        }
    }

    /// One thing that differs between the arms of a toggle.
    public struct Knob: Codable, Sendable, Equatable {
        /// The way it is switched.
        public var kind: KnobKind
        /// The file's path or the setting's name; `sh` for commands.
        public var target: String
        /// The baseline's value, or the command that switches to it.
        public var a: String
        /// The candidate's.
        public var b: String

        /// A knob.
        public init(kind: KnobKind, target: String, a: String, b: String) {
            self.kind = kind
            self.target = target
            self.a = a
            self.b = b
        }
    }

    /// The rules by which a cell stops.
    public enum Rule: String, Codable, Sendable {
        /// A number of blocks fixed first, with looks on the way.
        case budget
        /// A look after every block or round, until the answer is there.
        case untilDecided = "until-decided"
        /// A number of blocks fixed first, judged once at its end.
        case fixed
        /// A few blocks whose values repeat, judged by how well they do: no chance is involved.
        case repeated
    }

    /// The arms.
    public var arms: Arms
    /// What a toggle switches, all at once; empty where the arms are kernels.
    public var knobs: [Knob]
    /// When a cell stops.
    public var rule: Rule
    /// The blocks of a cell over all rounds: all there will be, or with `until-decided` how many
    /// are expected.
    public var blocks: Int
    /// The most blocks of a cell with `until-decided`; absent with the other rules.
    public var mostBlocks: Int?
    /// How many looks a budget is divided into, before those are left out that see too few units.
    public var looks: Int
    /// Rounds of boots that are planned, the units of the verdict; absent where all run in one
    /// boot, and where each block is a round.
    public var rounds: Int?
    /// The addresses of two machines, without users, that swap kernels half way through each round:
    /// each round has a boot of both kernels on both. Absent for other comparisons.
    public var machines: [String]?
    /// The units of each of the A/A comparisons that the journal is cut into, rounds of boots or,
    /// in one boot, blocks; absent for an ordinary comparison.
    public var placeboUnits: Int?
    /// The layouts of which each round draws one for each arm: by number, the bytes of padding
    /// before the functions of both kernels. Absent where each kernel has one layout.
    public var relinks: [Int]?
    /// What was published of this comparison before, by cell, each with the set-up that it was made
    /// on; absent where nothing was.
    public var claims: [String: [ClaimRecord]]?
    /// Whether the kernels' work is traced after the measurement, in visits of their own; absent for
    /// no.
    public var evidence: Bool?
    /// ±X, the largest change that counts as none: a fraction, such as 0.02.
    public var equivalence: Double
    /// The error rate of the verdicts.
    public var alpha: Double

    /// Whether code is laid out differently in the arms. Words of a command line do not do that.
    public var areTwoImages: Bool {
        if relinks != nil { return true }
        let images = [arms.a.guest?.image, arms.b.guest?.image]
        // Kernels that a machine boots have names only.
        let areNamesTwo = images[0] == nil && arms.a.label != arms.b.label
        return knobs.isEmpty && (images[0] != images[1] || areNamesTwo)
    }

    /// Whether each arm runs on a machine of its own, so that what differs may be the machines.
    public var areTwoMachines: Bool { arms.a.host != arms.b.host }

    private enum CodingKeys: String, CodingKey {
        case arms, knobs, rule, blocks
        case mostBlocks = "most_blocks"
        case looks, rounds, machines, relinks
        case placeboUnits = "placebo_units"
        case claims, evidence, equivalence, alpha
    }

    /// A comparison.
    public init(
        arms: Arms, knobs: [Knob] = [], rule: Rule, blocks: Int, mostBlocks: Int? = nil,
        looks: Int = 8, rounds: Int? = nil, equivalence: Double = 0.02,
        alpha: Double = 0.05
    ) {
        self.arms = arms
        self.knobs = knobs
        self.rule = rule
        self.blocks = blocks
        self.mostBlocks = mostBlocks
        self.looks = looks
        self.rounds = rounds
        self.equivalence = equivalence
        self.alpha = alpha
    }
}
