// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Statistics

@Suite("Rank statistics agree with the reference numbers") struct RankVectorTests {
    @Test("Mann–Whitney: exact without and with ties, and both normal approximations")
    func mannWhitney() throws {
        for entry in try Vectors.cases("mann_whitney") {
            let test = try MannWhitney(try entry.numbers("x"), try entry.numbers("y"))
            #expect(near(test.u, try entry.number("U_x")))
            #expect(near(test.p, try entry.number("p_permutation_midranks")))
            if let exact = try? entry.number("p_exact") {
                #expect(near(test.p, exact))
                #expect(test.warnings.isEmpty)
            } else {
                #expect(test.warnings == [.ties])
            }
            if let corrected = try? entry.number("p_asymp_cc") {
                #expect(near(test.pNormalCorrected, corrected))
                #expect(near(test.pNormal, try entry.number("p_asymp_nocc")))
            }
        }
    }

    @Test("signed ranks: exact without and with ties, the approximations, Pratt's zeros")
    func signedRank() throws {
        for entry in try Vectors.cases("wilcoxon_signed_rank_and_HL") {
            let d = try entry.numbers("d")
            let test = try SignedRank(d)
            #expect(near(test.positive, try entry.number("W_plus")))
            #expect(near(test.negative, try entry.number("W_minus")))
            #expect(near(test.p, try entry.number("p_signflip_on_ranks")))
            #expect(near(test.pNormalCorrected, try entry.number("p_asymp_cc")))
            #expect(near(test.pNormal, try entry.number("p_asymp_nocc")))
            if let exact = try? entry.number("p_exact") { #expect(near(test.p, exact)) }
            if let pratt = try? entry.number("p_asymp_pratt_nocc") {
                #expect(near(try SignedRank(d, zeros: .ranked).pNormal, pratt))
            }
        }
    }

    @Test("Hodges–Lehmann of one sample, its intervals and what they cover")
    func oneSample() throws {
        for entry in try Vectors.cases("wilcoxon_signed_rank_and_HL") {
            let d = try entry.numbers("d")
            for (key, confidence) in [("HL_CI_95", 0.95), ("HL_CI_90", 0.9)] {
                let result = try HodgesLehmann(d, confidence: confidence)
                #expect(near(result.estimate, try entry.number("HL")))
                let expected = try #require(entry[key])
                if expected.isNull {
                    #expect(result.interval == nil)
                    #expect(result.warnings == [.noInterval(confidence: confidence)])
                    continue
                }
                #expect(near(result.interval?.lower, try expected.number("lo")))
                #expect(near(result.interval?.upper, try expected.number("hi")))
                #expect(near(result.coverage, try expected.number("exact_coverage")))
            }
        }
    }

    @Test("Hodges–Lehmann of two samples, its intervals and their order")
    func twoSamples() throws {
        for entry in try Vectors.cases("hodges_lehmann_two_sample") {
            for (key, confidence) in [("CI_95", 0.95), ("CI_90", 0.9)] {
                let result = try HodgesLehmann(
                    from: try entry.numbers("x"), to: try entry.numbers("y"),
                    confidence: confidence)
                let expected = try #require(entry[key])
                #expect(near(result.estimate, try entry.number("HL_shift_y_minus_x")))
                #expect(near(result.interval?.lower, try expected.number("lo")))
                #expect(near(result.interval?.upper, try expected.number("hi")))
                #expect(result.order == (try expected.whole("order_k")))
            }
        }
    }

    @Test("the smallest p that each sample size can reach")
    func smallestP() throws {
        for (n, p) in try #require(try Vectors.section("mwu_min_two_sided_p").members) {
            let n = try #require(Int(n))
            guard case .number(let expected) = p else { continue }
            let x = (0..<n).map(Double.init)
            #expect(near(try MannWhitney(x, x.map { $0 + 100 }).p, expected))
        }
        for (n, p) in try #require(try Vectors.section("signed_rank_min_two_sided_p").members) {
            guard case .number(let expected) = p else { continue }
            #expect(near(try SignedRank((1...(try #require(Int(n)))).map(Double.init)).p, expected))
        }
    }

    @Test("sign flips counted exactly")
    func signFlip() throws {
        for entry in try Vectors.cases("sign_flip_mean") {
            let d = try entry.numbers("d")
            let test = try SignFlip(d, seed: 1)
            #expect(near(test.p, try entry.number("p_exact")))
            #expect(test.patterns == (try entry.whole("n_patterns")))
            if let mean = try? entry.number("mean") { #expect(near(try Moments(d).mean, mean)) }
        }
    }
}
