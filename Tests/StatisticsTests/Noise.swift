// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc

@testable import Statistics

/// Slices of a machine that is shared with others: heavy tails, memory from slice to slice, stalls.
///
/// With `typical`, a slice's rate varies by about 9 % and 2 % of the time is stalled, as a shared
/// 2-CPU virtual machine was seen to do.
struct Noise {
    var generator: SplitMix64
    /// The share of each slice's deviation that the next one keeps.
    var memory = 0.3
    /// Of the deviation of ln rate, without stalls.
    var deviation = 0.06
    /// Stalls a second, and their mean length in seconds.
    var stalls = (rate: 0.4, length: 0.05)
    /// ±ln rate that comes and goes with the period of a block, and where in it the first is.
    var wave = (size: 0.0, phase: 0.0)
    private var state = 0.0
    private var slices = 0

    init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
        wave.phase = uniform() * 2 * .pi
    }

    static func typical(_ seed: UInt64) -> Noise { Noise(seed: seed) }

    /// Independent noise about a wave of the block's period.
    static func periodic(_ seed: UInt64) -> Noise {
        var noise = Noise(seed: seed)
        noise.memory = 0
        noise.stalls.rate = 0
        noise.deviation = 0.02
        noise.wave.size = 0.02
        return noise
    }

    mutating func uniform() -> Double {
        (Double(generator.next() >> 11) + 0.5) * 0x1p-53
    }

    mutating func normal() -> Double { Normal.quantile(uniform()) }

    /// Student's t with 5 degrees of freedom, scaled to a variance of one.
    mutating func heavyTailed() -> Double {
        Student.quantile(uniform(), 5) * (3.0 / 5).squareRoot()
    }

    /// One slice of half a second at a true log effect.
    mutating func slice(effect: Double) -> SliceTotal {
        let fresh = (1 - memory * memory).squareRoot() * deviation
        state = memory * state + fresh * heavyTailed()
        let angle = Double(slices) * .pi / 2 + wave.phase
        slices += 1
        var stalled = 0.0
        var clock = -log(uniform()) / stalls.rate
        while clock < 0.5 {
            stalled += -log(uniform()) * stalls.length
            clock += -log(uniform()) / stalls.rate
        }
        let running = max(0.5 - stalled, 0.01)
        let rate = 100_000 * exp(state + effect + wave.size * cos(angle))
        return SliceTotal(operations: (rate * running).rounded(), seconds: 0.5)
    }

    /// One block's log ratio, its order by a fair coin unless it is given.
    mutating func block(effect: Double, order: BlockOrder? = nil) throws -> Double {
        let order = order ?? (generator.next() & 1 == 0 ? .abba : .baab)
        var slices: (a: [SliceTotal], b: [SliceTotal]) = ([], [])
        for isCandidate in order.isCandidate {
            let slice = slice(effect: isCandidate ? effect : 0)
            if isCandidate { slices.b.append(slice) } else { slices.a.append(slice) }
        }
        return try BlockEffect(a: slices.a, b: slices.b).logRatio
    }

    mutating func blocks(
        _ count: Int, effect: Double = 0, order: BlockOrder? = nil
    ) throws -> [Double] {
        var effects: [Double] = []
        for _ in 0..<count { effects.append(try block(effect: effect, order: order)) }
        return effects
    }
}
