// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Statistics

@Suite("Planning, resampling and histories agree with the reference numbers")
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

    @Test("Kalibera and Jones: the two levels of variation and the slices a boot")
    func twoLevels() throws {
        let entry = try Vectors.section("kalibera_jones_two_level")
        let boots = try #require(entry["boots_x_slices"]?.asRows)
        let levels = try TwoLevel(boots: boots)
        #expect(near(levels.withinVariance, try entry.number("S1_sq_mean_within")))
        #expect(near(levels.meansVariance, try entry.number("S2_sq_of_boot_means")))
        #expect(near(levels.bootComponent, try entry.number("T2_sq_boot_component")))
        let slices = try levels.slicesPerBoot(
            bootCost: try entry.number("cost_boot"), sliceCost: try entry.number("cost_slice"))
        #expect(slices == (try entry.whole("optimal_slices_per_boot")))
        #expect(near(levels.mean.estimate, try entry.number("mean")))
        let interval = try levels.mean.interval()
        #expect(
            near((interval.upper - interval.lower) / 2, try entry.number("CI95_halfwidth")))
    }

    @Test("Kalibera and Jones: the interval of a ratio of means")
    func ratio() throws {
        let entry = try Vectors.section("kalibera_jones_ratio_ci")
        let ratio = try MeanRatio(
            old: try entry.numbers("old_boot_means"), new: try entry.numbers("new_boot_means"))
        #expect(near(ratio.ratio, try entry.number("ratio_new_over_old")))
        #expect(near(ends(try #require(ratio.interval)), try entry.numbers("CI95")))
    }

    @Test("the bootstrap of small samples, all resamples counted")
    func exactBootstrap() throws {
        for entry in try Vectors.cases("bootstrap") where entry["B"] == nil {
            let bootstrap = try Bootstrap(try entry.numbers("x"), seed: 1)
            #expect(bootstrap.resamples == (try entry.whole("n_resamples_exact")))
            #expect(near(bootstrap.mean, try entry.number("mean")))
            #expect(near(bootstrap.standardError, try entry.number("SE_exact")))
            let formula = try entry.number("SE_formula_sqrt((n-1)/n)*s/sqrt(n)")
            #expect(near(bootstrap.standardError, formula))
            #expect(
                near(
                    ends(try bootstrap.percentile()),
                    try entry.numbers("pct_2.5_97.5_inverted_cdf")))
            // Among so many equal means interpolation changes nothing.
            #expect(
                near(ends(try bootstrap.percentile()), try entry.numbers("pct_2.5_97.5_linear")))
            let corrected = try #require(entry["BCa"])
            #expect(near(bootstrap.bias, try corrected.number("z0_midp")))
            #expect(near(bootstrap.acceleration, try corrected.number("accel")))
            let levels = try #require(corrected["adjusted_levels"])
            #expect(near(bootstrap.level(0.025), try levels.number("0.025")))
            #expect(near(bootstrap.level(0.975), try levels.number("0.975")))
            #expect(
                near(ends(try bootstrap.corrected()), try corrected.numbers("ci_inverted_cdf")))
            #expect(
                bootstrap.warnings.contains(.smallBootstrap(units: try entry.numbers("x").count)))
        }
    }

    @Test("the bootstrap of 20 values lies within five deviations of the reference's")
    func sampledBootstrap() throws {
        for entry in try Vectors.cases("bootstrap") where entry["B"] != nil {
            let values = try entry.numbers("x")
            let bootstrap = try Bootstrap(values, draws: try entry.whole("B"), seed: 7)
            let found = ends(try bootstrap.percentile()) + ends(try bootstrap.corrected())
            let keys = ["percentile_lo", "percentile_hi", "BCa_lo", "BCa_hi"]
            for (value, key) in zip(found, keys) {
                let expected = try entry.numbers("\(key)_mean_sd")
                #expect(near(value, expected[0], 5 * expected[1]))
            }
            #expect(bootstrap.warnings == [.sampled(draws: 9999)])
        }
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
            #expect(near(try Multiplicity.benjaminiYekutieli(p), try entry.numbers("by")))
            #expect(near(try Multiplicity.bonferroni(p), try entry.numbers("bonferroni")))
        }
    }
}
