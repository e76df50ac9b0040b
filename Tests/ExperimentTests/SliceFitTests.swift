// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import Testing

@testable import Experiment

struct SliceFitTests {
    private func slices(_ operations: [UInt64], reason: Validity.Reason? = nil) -> [SliceRecord] {
        operations.map { count in
            var slice = FakeTarget.slice(
                SliceOrder(
                    order: 0, visit: 0, cell: "a", number: 0, duration: 1, guardTime: 0, seed: 0))
            slice.operations = count
            if count == 0 { slice.validity = Validity([reason ?? .empty: "x"]) }
            return slice
        }
    }

    @Test(arguments: [
        ([200, 200, 200, 200], nil), ([1000, 0, 0, 0], nil), ([199, 199, 199, 199], 100),
        ([50, 50, 50, 50], 200), ([49, 50, 50, 50], 500), ([1, 1, 1, 1], 5000),
    ] as [([UInt64], Int?)])
    func slicesAreAsLongAsTwoHundredOperationsTake(operations: [UInt64], length: Int?) throws {
        let fit = try SliceFit(slices(operations), length: 50_000_000, least: 200)
        #expect(fit?.length == length.map { $0 * 1_000_000 })
        #expect(fit?.isUnknown != true)
    }

    @Test func aLengthThatWasGivenStays() throws {
        #expect(try SliceFit(slices([1, 1, 1, 1]), length: 50_000_000, least: nil) == nil)
    }

    @Test func whereNothingCompletesTheWarmupIsMadeAnewUntilTheLongest() throws {
        let none = slices([0, 0, 0, 0])
        let fit = try #require(try SliceFit(none, length: 50_000_000, least: 200))
        #expect(fit.length == 500_000_000 && fit.isUnknown)
        for (length, least) in [(50_000_000, nil), (5_000_000_000, 200)] as [(Int, Int?)] {
            let error = #expect(throws: PlumblineError.self) {
                try SliceFit(none, length: length, least: least)
            }
            #expect(error?.message.contains("no operation completes within a slice of") == true)
            #expect(error?.remedy.contains("--slice") == true)
        }
    }

    @Test func slicesThatFailedForAnotherReasonAreLeftToIt() throws {
        let failed = slices([0, 0, 0, 0], reason: .inputOutputError)
        #expect(try SliceFit(failed, length: 50_000_000, least: nil) == nil)
    }
}
