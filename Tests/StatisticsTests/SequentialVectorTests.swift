// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Statistics

@Suite("Looks on the way agree with the reference numbers") struct SequentialVectorTests {
    @Test("the integration agrees with the constants for 4, 5, 8 and 10 looks, one- and two-sided")
    func constants() throws {
        let section = try Vectors.section("group_sequential_obf")
        for (key, sides, level) in [
            ("two_sided_.05_C", GroupSequential.Sides.two, 0.05),
            ("one_sided_.05_C", .one, 0.05), ("two_sided_.01_C", .two, 0.01),
        ] {
            for (looks, constant) in try #require(section[key]?.members) {
                guard case .number(let expected) = constant else { continue }
                let looks = try #require(Int(looks))
                let rate = GroupSequential.errorRate(
                    looks: looks, constant: expected, sides: sides)
                #expect(near(rate, level, 5e-5 * (level / 0.05)))
            }
        }
    }

    @Test("each look's levels with the floor, and the last ones 0.0382 and 0.0370")
    func levels() throws {
        let section = try Vectors.section("group_sequential_obf")
        let looks = 1...8
        let eight = GroupSequential.eight
        #expect(
            near(
                looks.map { eight.differenceLevel(look: $0) },
                try section.numbers("K8_two_sided_p")))
        #expect(
            near(
                looks.map { eight.equivalenceLevel(look: $0) },
                try section.numbers("K8_TOST_one_sided_p")))
        #expect(near(eight.differenceLevel(look: 8), 0.0382, 5e-5))
        #expect(near(eight.equivalenceLevel(look: 8), 0.0370, 5e-5))
        let used = try #require(section["K8_C_used"])
        #expect(eight.differenceConstant == (try used.number("two")))
        #expect(eight.equivalenceConstant == (try used.number("one")))
    }

    @Test("the error rate of eight looks at any constant")
    func errorRate() throws {
        let section = try Vectors.section("group_sequential_obf")
        for pair in try #require(section["K8_alpha_of_C"]?.asRows) {
            let rate = GroupSequential.errorRate(looks: 8, constant: pair[0], sides: .two)
            #expect(near(rate, pair[1], 1e-6))
            // The repeated p is an upper bound of it, whatever the number of looks.
            let z = pair[0]
            let repeated = GroupSequential.repeatedP([(Normal.twoSided(z), 1)])
            #expect(repeated >= rate - 1e-9)
            #expect(near(repeated, min(1, 4 * Normal.upper(z)), 1e-9))
        }
    }

    @Test("the floor costs less than 0.0005 of the error rate")
    func floor() throws {
        let bounds = GroupSequential.eight
        let two = GroupSequential.errorRate(
            looks: 8, constant: bounds.differenceConstant, sides: .two, floor: bounds.floor)
        let one = GroupSequential.errorRate(
            looks: 8, constant: bounds.equivalenceConstant, sides: .one, floor: bounds.floor)
        #expect((0.0495...0.0505).contains(two))
        #expect((0.0495...0.0505).contains(one))
    }

    @Test("bounds for other numbers of looks hold 0.05 with the floor in place")
    func otherLooks() throws {
        for looks in [1, 2, 3, 4, 5, 6, 7, 20] {
            let bounds = try GroupSequential(looks: looks)
            let rate = GroupSequential.errorRate(
                looks: looks, constant: bounds.differenceConstant, sides: .two,
                floor: bounds.floor)
            #expect((0.0499...0.05).contains(rate))
            let oneSided = GroupSequential.errorRate(
                looks: looks, constant: bounds.equivalenceConstant, sides: .one,
                floor: bounds.floor)
            #expect((0.0499...0.05).contains(oneSided))
        }
        let one = try GroupSequential(looks: 1)
        #expect(near(one.differenceLevel(look: 1), 0.05, 1e-5))
        #expect(near(one.equivalenceLevel(look: 1), 0.05, 1e-5))
    }

    @Test("the t-mixture's radius, evidence and always-valid p")
    func mixture() throws {
        let section = try Vectors.section("t_mixture_confidence_sequence")
        for entry in try #require(section["radius"]?.list) {
            let sequence = try TMixture(spread: try entry.number("c2"))
            let radius = try sequence.radius(
                count: try entry.whole("n"), deviation: try entry.number("s"),
                level: try entry.number("alpha"))
            if entry["r"]?.isNull == true {
                #expect(radius == .infinity)
            } else {
                #expect(near(radius, try entry.number("r")))
            }
        }
        let example = try #require(section["example"])
        let d = try example.numbers("d")
        let sequence = try TMixture(spread: try example.number("c2"))
        let interval = try sequence.interval(d, level: try example.number("alpha"))
        let (mean, radius) = (try example.number("mean"), try example.number("r"))
        #expect(near(ends(interval), [mean - radius, mean + radius]))
        #expect(near(try sequence.evidence(d), try example.number("e_at_0")))
        #expect(
            near(
                try sequence.alwaysValidP(d, from: d.count),
                try example.number("always_valid_p_at_0")))
        #expect(near(try TMixture(expected: 60).spread, 6.834, 1e-3))
    }
}
