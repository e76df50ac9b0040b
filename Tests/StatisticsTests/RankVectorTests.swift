// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Statistics

@Suite("Rank statistics agree with the reference numbers") struct RankVectorTests {
    @Test("Hodges–Lehmann of one sample")
    func hodgesLehmann() throws {
        for entry in try Vectors.cases("wilcoxon_signed_rank_and_HL") {
            let result = try HodgesLehmann(try entry.numbers("d"))
            #expect(near(result.estimate, try entry.number("HL")))
        }
    }

    @Test("sign flips counted exactly")
    func signFlip() throws {
        for entry in try Vectors.cases("sign_flip_mean") {
            let d = try entry.numbers("d")
            let test = try SignFlip(d, seed: 1)
            #expect(near(test.p, try entry.number("p_exact")))
            if let mean = try? entry.number("mean") { #expect(near(try Moments(d).mean, mean)) }
        }
    }
}
