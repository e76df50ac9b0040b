// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Journal
import LabSupport
import Linux
import Protocol
import Testing

/// The report of a journal that is larger than the memory.
struct LongReportTests {
    private static let isLab = ProcessInfo.processInfo.environment["PLUMBLINE_LAB"] == "1"
    /// All read a journal alike.
    private static let formats =
        isLab ? ["text", "json", "csv", "lkml", "gobench", "ktap", "junit", "html"] : ["text"]

    /// Writes a journal of two cells and so many bytes, each slice with a detail of some 6 KB.
    private static func write(_ bytes: Int, to path: String) throws {
        let long = FinishedComparison(effect: 1.1, cells: ["pipe/a", "pipe/b"])
        let file = try Descriptor.open(path, [.write, .create])
        try file.writeAll(JournalLine.encode(long.header()))
        var generator = SplitMix64(seed: 1)
        var padded = long.slice("pipe/a", 0, of: 1, by: &generator)
        for counter in 0..<200 { padded.evidence.vmstat["a_counter_of_vmstat_\(counter)"] = 12_345 }
        padded.tracks["write"]?.latency = LatencyRecord(
            count: 10, mean: 1234.5, min: 900, p50: 1200, p90: 1500, p99: 2000, p99_9: 2100,
            max: 2111, closedLoop: true, histogram: "/iCU")
        let detail = try lines(padded)[1]
        let round = bytes / detail.count / FinishedComparison.rounds / 2 / 4 * 4
        for part in 0..<FinishedComparison.rounds {
            for cell in long.cells {
                var chunk: [UInt8] = []
                for number in part * round..<(part + 1) * round {
                    chunk += try lines(long.slice(cell, number, of: round, by: &generator))[0]
                    chunk += detail
                    guard chunk.count > 1 << 20 else { continue }
                    try file.writeAll(chunk)
                    chunk = []
                }
                try file.writeAll(chunk)
            }
        }
        try file.writeAll(JournalLine.encode(.end(.init(state: .finished, at: 2))))
    }

    /// The two lines of a slice.
    private static func lines(_ slice: SliceRecord) throws -> [[UInt8]] {
        try JournalLine.encode(.slice(slice)).split(separator: 0x0a).map { Array($0) + [0x0a] }
    }

    /// Has a journal of so many bytes reported within a limit of private memory.
    private static func report(_ bytes: Int, within limit: Int) throws {
        try BuiltProgram.inDirectory { directory in
            let path = "\(directory)/long.jsonl"
            try write(bytes, to: path)
            for format in formats {
                let result = try Command.run(
                    [
                        "timeout", "300", "prlimit", "--data=\(limit)", Built.plumbline, "report",
                        "--format", format, path,
                    ], outputLimit: 16 << 20)
                #expect(result.exit == .exited(0), "\(format): \(result.output.suffix(400))")
                #expect(!result.output.isEmpty, "\(format)")
            }
        }
    }

    @Test func aJournalOf100MegabytesIsReportedInLessMemoryThanItsSize() throws {
        try Self.report(100_000_000, within: 80_000_000)
    }

    @Test(.enabled(if: isLab, "takes minutes: run `make lab-test`"))
    func aJournalOfAGigabyteIsReportedInAQuarterOfItsSize() throws {
        try Self.report(1_000_000_000, within: 256_000_000)
    }
}
