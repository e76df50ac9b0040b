// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Statistics

@Suite("Planning and histories agree with the reference numbers")
struct PlanningVectorTests {
    @Test("blocks for a difference at 80 and 90 % power, and for equivalence")
    func planning() throws {
        for entry in try Vectors.cases("planning") {
            let distance = Percent.logRatio(ofChange: try entry.number("delta_pct"))
            let deviation = try entry.number("block_sd")
            func blocks(_ goal: Planning.Goal, _ power: Double) throws -> Int? {
                try Planning.blocks(
                    distance: distance, deviation: deviation, goal: goal, power: power)
            }
            #expect(try blocks(.difference, 0.8) == (try entry.whole("n_blocks_power80")))
            #expect(try blocks(.difference, 0.9) == (try entry.whole("n_blocks_power90")))
            #expect(try blocks(.equivalence, 0.8) == (try entry.whole("n_blocks_equiv_X80")))
        }
    }

    @Test("the spread between boots and within them, by Kalibera and Jones")
    func roundSpread() throws {
        let entry = try Vectors.section("kalibera_jones_two_level")
        let rounds = try #require(entry["boots_x_slices"]?.asRows)
        let spread = try RoundSpread(rounds)
        let within = try #require(spread.within)
        #expect(near(within * within, try entry.number("S1_sq_mean_within")))
        #expect(near(spread.between * spread.between, try entry.number("T2_sq_boot_component")))
    }

    @Test("the energy of each cut, the best one, and both t-tests there")
    func energySplit() throws {
        let entry = try Vectors.section("edivisive_single_split")
        let series = try entry.numbers("series")
        let split = EnergySplit(series[...])
        #expect(near(split.divergences, try entry.numbers("q_hat_by_split_tau_from_2")))
        #expect(split.place == (try entry.whole("best_tau")))
        let before = Array(series[..<split.place])
        let after = Array(series[split.place...])
        let welch = try StudentT.welch(from: before, to: after).p
        let pooled = try StudentT.pooled(from: before, to: after).p
        #expect(near(welch, try entry.number("welch_p_at_best"), 1e-17))
        #expect(near(pooled, try entry.number("student_p_at_best"), 1e-17))
    }

    @Test("p-values adjusted for many cells")
    func multiplicity() throws {
        for entry in try Vectors.cases("multiplicity") {
            let p = try entry.numbers("p")
            #expect(near(try Multiplicity.holm(p), try entry.numbers("holm")))
            #expect(near(try Multiplicity.benjaminiHochberg(p), try entry.numbers("bh")))
        }
    }
}
