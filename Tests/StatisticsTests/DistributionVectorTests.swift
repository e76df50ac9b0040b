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

    @Test("an A/A calibration's band holds the central 95 %")
    func band() throws {
        for entry in try Vectors.cases("aa_calibration_band") {
            let band = try Planning.acceptedRejections(
                comparisons: try entry.whole("runs"), level: try entry.number("alpha"))
            #expect(band.lowerBound == (try entry.whole("accept_count_lo")))
            #expect(band.upperBound == (try entry.whole("accept_count_hi")))
        }
    }

    @Test("Fisher's exact test of void slices")
    func fisher() throws {
        for entry in try Vectors.cases("fisher_discard_imbalance") {
            let table = try #require(entry["table"]?.asRows)
            let result = try VoidBalance(
                a: (void: Int(table[0][0]), good: Int(table[0][1])),
                b: (void: Int(table[1][0]), good: Int(table[1][1])))
            let p = try entry.number("p")
            #expect(near(result.p, p))
            #expect(result.isUneven == (p < 0.05))
        }
    }
}
