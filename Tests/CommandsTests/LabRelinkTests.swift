// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Journal
import Linux
import Protocol
import Testing

@testable import Commands
@testable import Kernels

/// A real kernel is relinked, and its layouts boot: for `make lab-test`.
@Suite(
    .serialized,
    .enabled(
        if: ProcessInfo.processInfo.environment["PLUMBLINE_LAB"] == "1",
        "relinks kernels and boots them: run `make lab-test`"))
struct LabRelinkTests {
    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// The addresses of functions, from the map in the build directory of an image just relinked.
    private func map(of store: KernelStore) throws -> String {
        let maps = try SystemFile.list(store.builds).map { "\(store.builds)/\($0)/System.map" }
        let newest = maps.filter { SystemFile.exists($0) }.min { left, right in
            (CacheFile(left)?.age ?? .max) < (CacheFile(right)?.age ?? .max)
        }
        return try SystemFile.read(try #require(newest))
    }

    private func functions(_ map: String) -> [(name: Substring, address: Int)] {
        map.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 3, words[1] == "T" || words[1] == "t" else { return nil }
            return (words[2], Int(words[0].suffix(8), radix: 16) ?? 0)
        }
    }

    @Test func everyFunctionBehindThePaddingMovesByItAndKeepsItsOrder() async throws {
        let store = try KernelStore(environment: Self.environment)
        let builder = KernelBuilder(
            store: store, environment: Self.environment, progress: { _ in },
            isInterrupted: { false })
        let request = KernelRequest(try KernelVariant("6.12"))
        let plain = try await builder.build(request)
        var maps: [[(name: Substring, address: Int)]] = []
        for layout in [1, 2] {
            // Each is made anew, so that the map of the build directory is its own.
            let key = KernelLayout(layout).key(plain: plain.entry.key)
            try CacheFile("\(store.kernels)/\(key)")?.remove()
            _ = try await builder.build(request, layouts: layout + 1)
            maps.append(functions(try map(of: store)))
        }
        let moved = KernelLayout(2).padding - KernelLayout(1).padding
        #expect(maps[0].map(\.name) == maps[1].map(\.name))
        let shifts = zip(maps[0], maps[1]).map { $1.address - $0.address }
        // A function that is aligned to more than the padding's 16 bytes may move a little less.
        #expect(shifts.allSatisfy { $0 == 0 || abs($0 - moved) < 64 })
        #expect(shifts.count { $0 == moved } > shifts.count * 9 / 10)
    }

    @Test func roundsBootTheLayoutsThatTheyDraw() async throws {
        let scratch = try ScratchDirectory()
        let journal = "\(scratch.path)/j.jsonl"
        let agent = Self.environment["PLUMBLINE_AGENT"].map { ["--agent", $0] } ?? []
        let result = await Invocation(
            [
                "ab", "demo", "--cells", "pipe/*/none", "--a", "6.12", "--b", "6.12", "--relinks",
                "3", "--rounds", "5", "--blocks", "5", "--slice", "50ms", "--seed", "1",
                "--output", journal,
            ] + agent, environment: Self.environment)
        #expect([0, 3, 4].contains(result.code), "\(result.diagnostics)")
        let rounds = try StoredJournal(readingFrom: journal).rounds
        // In an A/A one layout is left for each arm of a round: which ones come is chance.
        let drawn = [Arm.a, .b].map { arm in Set(rounds.compactMap { $0.layouts?[arm] }).count }
        #expect(result.document.contains("layouts  A \(drawn[0]), B \(drawn[1]), drawn per round"))
        // Equal layouts are equal images, whatever the arm.
        var builds: [Int: Set<String?>] = [:]
        for round in rounds {
            for (arm, layout) in round.layouts ?? [:] {
                builds[layout, default: []].insert(round.hosts[arm]?.buildID)
            }
        }
        #expect(builds.keys.sorted() == [0, 1, 2])
        #expect(builds.values.allSatisfy { $0.count == 1 })
        #expect(Set(builds.values).count == 3)
    }
}
