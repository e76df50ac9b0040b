// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics

/// What one arm of a cell did over the slices of the blocks that count.
package struct ArmTotal: Sendable, Equatable {
    package private(set) var operations = 0.0
    package private(set) var bytes = 0.0
    package private(set) var seconds = 0.0
    private var instructions: Double?
    /// Times that somebody who wanted memory had to reclaim it first.
    package private(set) var stalls: UInt64?
    /// Times that a worker had to, and how long that took, in microseconds.
    package private(set) var workerStalls: UInt64?
    package private(set) var workerStallTime: UInt64?
    /// Times that a worker had to for the structure of a request.
    package private(set) var requestReclaims: UInt64?
    /// Slices that count, those of void and unfinished blocks among them.
    package private(set) var valid = 0
    /// Slices that do not count.
    package private(set) var void = 0
    /// Why they do not: the reason's word, and how many slices it voided.
    package private(set) var reasons: [String: Int] = [:]
    private var values = 0.0
    private var valueCount = 0.0
    private var slices = 0.0
    private var sum = 0.0
    private var squares = 0.0

    /// Notes whether a slice counts.
    mutating func count(_ slice: SliceSummary) {
        if slice.isValid { valid += 1 } else { void += 1 }
        for reason in slice.reasons.keys { reasons[reason, default: 0] += 1 }
    }

    /// Adds a slice of a block that counts.
    mutating func add(_ slice: SliceSummary) {
        let total = SliceTotal(slice, countsInstructions: false)
        operations += Double(slice.operations)
        bytes += Double(slice.bytes)
        seconds += Double(slice.interval) / 1e9
        if let value = slice.value {
            values += value
            valueCount += 1
        }
        if let count = slice.instructions { instructions = (instructions ?? 0) + Double(count) }
        if let times = slice.stalls { stalls = (stalls ?? 0) &+ times }
        if let times = slice.workerStalls {
            workerStalls = (workerStalls ?? 0) &+ times
        }
        if let time = slice.workerStallTime { workerStallTime = (workerStallTime ?? 0) &+ time }
        if let times = slice.requestReclaims { requestReclaims = (requestReclaims ?? 0) &+ times }
        let rate = total.operations / total.seconds
        slices += 1
        sum += rate
        squares += rate * rate
    }

    /// Operations a second.
    package var rate: Double? { seconds > 0 ? operations / seconds : nil }
    /// The mean of a foreign program's own metric over the slices.
    package var value: Double? { valueCount > 0 ? values / valueCount : nil }
    /// Bytes a second.
    package var bandwidth: Double? { seconds > 0 ? bytes / seconds : nil }
    /// The kernel's instructions for an operation, where they were counted.
    package var instructionsPerOperation: Double? {
        operations > 0 ? instructions.map { $0 / operations } : nil
    }
    /// The slices' standard deviation as a fraction of their mean.
    package var variation: Double? {
        guard slices > 1, sum > 0 else { return nil }
        let variance = max(0, squares - sum * sum / slices) / (slices - 1)
        return variance.squareRoot() / (sum / slices)
    }
    /// Stalls of direct reclaim a second.
    package var stallRate: Double? { seconds > 0 ? stalls.map { Double($0) / seconds } : nil }
    /// Stalls of the workers a second.
    package var workerStallRate: Double? {
        seconds > 0 ? workerStalls.map { Double($0) / seconds } : nil
    }
    /// Reclaims for the structure of a request a second.
    package var requestReclaimRate: Double? {
        seconds > 0 ? requestReclaims.map { Double($0) / seconds } : nil
    }
    /// How long all workers together stalled, milliseconds a second.
    package var workerStallShare: Double? {
        seconds > 0 ? workerStallTime.map { Double($0) / 1000 / seconds } : nil
    }
}

/// What both arms of a cell did.
struct ArmTotals {
    private var a = ArmTotal()
    private var b = ArmTotal()

    subscript(arm: Arm) -> ArmTotal { arm == .a ? a : b }

    /// As `ArmTotal.count`, for the slice's arm.
    mutating func count(_ slice: SliceSummary) {
        switch slice.arm {
        case .a: a.count(slice)
        case .b: b.count(slice)
        case nil: break
        }
    }

    /// As `ArmTotal.add`, for the slice's arm.
    mutating func add(_ slice: SliceSummary) {
        switch slice.arm {
        case .a: a.add(slice)
        case .b: b.add(slice)
        case nil: break
        }
    }
}
