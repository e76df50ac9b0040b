// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

@testable import Verdicts

/// Experiments as a history keeps them, whose effects are known.
struct SampleEntries {
    /// A day, nanoseconds.
    static let day = 86_400_000_000_000

    /// One experiment of each cell, with noise that the number alone decides.
    ///
    /// - Parameters:
    ///   - number: its place in time, a day each.
    ///   - effect: the change, percent.
    static func entry(
        _ number: Int, effect: Double, cells: [String] = ["pipe/1w1r/4KiB/none"],
        suite: String = "nightly", machine: String = "Example CPU, x86_64, 2 CPUs, 24 GiB",
        a: String = "6.12", b: String = "next"
    ) -> HistoryEntry {
        let start = 1_700_000_000_000_000_000 + number * day
        return HistoryEntry(
            experiment: .init(
                id: "\(Timestamp.compact(UInt64(start)))-\(number)", startedAt: start, kind: "ab",
                suite: suite, metric: "time", toolVersion: plumblineVersion,
                judgedBy: plumblineVersion, machine: machine, slices: 64, ending: "finished",
                exitCode: 0),
            arms: [
                .init(
                    arm: "A", label: a, kernelRelease: "6.12.0", settings: "init_on_alloc=1",
                    voidRounds: 0),
                .init(
                    arm: "B", label: b, kernelRelease: "6.13.0-rc\(number)",
                    commit: "0123456789ab", target: "qemu", settings: "init_on_alloc=1",
                    voidRounds: 0),
            ], cells: cells.map { cell($0, effect: effect, number: number) })
    }

    private static func cell(_ name: String, effect: Double, number: Int) -> HistoryEntry.Cell {
        var generator = SplitMix64(seed: UInt64(number) &+ UInt64(name.utf8.count) << 32)
        let noise = Double(generator.next() >> 11) * 0x1p-53 - 0.5
        let effect = effect + 0.4 * noise
        return HistoryEntry.Cell(
            name: name, shortName: "pipe \(name.utf8.count)", metric: "throughput",
            unit: "bytes/s", verdict: "inconclusive", effect: effect, low: effect - 0.5,
            high: effect + 0.5, confidence: 0.95, p: 0.5, adjustedP: 1, units: 8,
            unitKind: "rounds", betweenBoots: 0.4, withinBoots: 0.3, deviation: 0.5,
            detectable: 0.6 + 0.1 * noise, noLargerThan: 1, rateA: 1e9, rateB: 1e9 + 1e7 * effect,
            p99A: 1000, p99B: 1010, p999A: 5000, p999B: 5100, voidsA: 0, voidsB: 1,
            tags: ["tail-shift"])
    }

    /// A series with these levels, percent, each for so many experiments.
    static func series(_ levels: [(effect: Double, count: Int)]) -> [HistoryEntry] {
        levels.flatMap { level in Array(repeating: level.effect, count: level.count) }
            .enumerated().map { entry($0, effect: $1) }
    }
}
