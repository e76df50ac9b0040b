// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

@testable import Statistics

@Suite("Distributions agree with the reference numbers") struct DistributionVectorTests {
    @Test("Student's t: quantiles and tails, whole and broken degrees of freedom")
    func student() throws {
        for entry in try Vectors.cases("student_t") {
            let df = try entry.number("df")
            for (p, quantile) in try #require(entry["isf"]?.members) {
                let p = try #require(Double(p))
                guard case .number(let expected) = quantile else { continue }
                #expect(near(Student.upperQuantile(p, df), expected, max(1e-9, expected * 1e-11)))
            }
            #expect(near(Student.upper(2, df), try entry.number("sf_at_2")))
            #expect(near(Student.upper(0.5, df), try entry.number("sf_at_0.5")))
        }
    }

    @Test("normal: quantiles and tails")
    func normal() throws {
        let section = try Vectors.section("normal")
        for (p, quantile) in try #require(section["isf"]?.members) {
            guard case .number(let expected) = quantile else { continue }
            #expect(near(Normal.upperQuantile(try #require(Double(p))), expected))
        }
        for (z, tail) in try #require(section["sf"]?.members) {
            guard case .number(let expected) = tail else { continue }
            #expect(near(Normal.upper(try #require(Double(z))), expected))
        }
    }

    @Test("the resource is the shared reference file, where that is at hand")
    func copy() throws {
        let shared = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../shared/statistics/vectors.json").standardizedFileURL
        guard let data = try? Data(contentsOf: shared) else { return }
        #expect(try Data(contentsOf: try #require(Vectors.file)) == data)
    }

    @Test("no section of the reference file goes untested")
    func sections() throws {
        let tested: Set = [
            "_meta", "aa_calibration_band", "bootstrap", "edivisive_single_split",
            "fisher_discard_imbalance", "group_sequential_obf", "hodges_lehmann_two_sample",
            "kalibera_jones_ratio_ci", "kalibera_jones_two_level", "mann_whitney",
            "median_ci_order_stat", "multiplicity", "mwu_min_two_sided_p", "normal",
            "one_sample_t_and_TOST", "planning", "raw_block_example", "sign_flip_mean",
            "signed_rank_min_two_sided_p", "student_t", "t_mixture_confidence_sequence",
            "welch_log", "wilcoxon_signed_rank_and_HL",
        ]
        #expect(Set(try #require(Vectors.all.members).keys) == tested)
    }

    @Test("the median's interval takes the right order statistics")
    func median() throws {
        for entry in try Vectors.cases("median_ci_order_stat") {
            let values = (1...(try entry.whole("n"))).map(Double.init)
            let result = try MedianInterval(values.reversed())
            #expect(result.lowerOrder == (try entry.whole("lo_order_1based")))
            #expect(result.upperOrder == (try entry.whole("hi_order_1based")))
            #expect(result.interval.lower == Double(result.lowerOrder))
            #expect(result.interval.upper == Double(result.upperOrder))
            #expect(near(result.coverage, try entry.number("coverage")))
        }
    }

    @Test("an A/A calibration's band holds the central 95 %")
    func band() throws {
        for entry in try Vectors.cases("aa_calibration_band") {
            let band = try CalibrationBand(
                comparisons: try entry.whole("runs"), level: try entry.number("alpha"))
            #expect(band.accepted.lowerBound == (try entry.whole("accept_count_lo")))
            #expect(band.accepted.upperBound == (try entry.whole("accept_count_hi")))
            #expect(near(band.falseAlarm, try entry.number("false_alarm_outside")))
        }
    }

    @Test("Fisher's exact test of void slices")
    func fisher() throws {
        for entry in try Vectors.cases("fisher_discard_imbalance") {
            let table = try #require(entry["table"]?.asRows)
            let result = try VoidBalance(
                a: .init(void: Int(table[0][0]), good: Int(table[0][1])),
                b: .init(void: Int(table[1][0]), good: Int(table[1][1])))
            let p = try entry.number("p")
            #expect(near(result.p, p))
            #expect(result.isUneven == (p < 0.05))
        }
    }
}
