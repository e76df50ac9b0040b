// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import SystemPackage

extension Bench {
    private static let turnaroundRuns = 3

    /// A line with the turnaround of a toggle, from the end of a slice to the guard of the next one
    /// within a visit, on this machine and on one that ssh reaches, by turns.
    static func turnaround(
        _ programs: Programs, on address: String, configuration: String?
    ) throws(PlumblineError) -> String {
        let there = ["--on", address] + (configuration.map { ["--ssh-config", $0] } ?? [])
        var (local, remote): ([Double], [Double]) = ([], [])
        for _ in 0..<turnaroundRuns {
            local += try gaps(programs, [])
            remote += try gaps(programs, there)
        }
        let medians = [local, remote].map { Comparison.quantile($0.sorted(), 0.5) }
        return "turnaround: \(Decimal.time(nanoseconds: medians[0])) here, "
            + "\(Decimal.time(nanoseconds: medians[1])) on \(address): "
            + "\(Decimal.time(nanoseconds: medians[1] - medians[0])) more, "
            + "\(Decimal.fixed(medians[1] / medians[0], 2)) times (medians of \(local.count) and "
            + "\(remote.count); goal: 5 ms more than the network's round trip)"
    }

    /// The turnarounds of one toggle, nanoseconds.
    private static func gaps(
        _ programs: Programs, _ options: [String]
    ) throws(PlumblineError) -> [Double] {
        let path = "/tmp/plumbline-bench-\(UInt64.random(in: 0 ... .max)).jsonl"
        defer { try? SystemFile.unlink(path) }
        let arguments =
            [
                programs.plumbline, "toggle", "smoke", "--cells", "*/none", "--knob",
                "set:handicap=0,0", "--blocks", "6", "--slice", "10ms", "--quiet", "--output", path,
            ] + options
        let result: Command.Result
        do { result = try Command.run(arguments, outputLimit: 1 << 20) } catch {
            throw .failure("\(programs.plumbline): \(error)", remedy: "run make build")
        }
        guard [.exited(0), .exited(3), .exited(4)].contains(result.exit) else {
            throw .failure("\(arguments.joined(separator: " ")) failed: \(result.output)")
        }
        let journal = try StoredJournal(readingFrom: path)
        let guardTime = UInt64(journal.header.suite.guardTime)
        return zip(journal.slices, journal.slices.dropFirst()).compactMap { first, next in
            guard first.cell == next.cell, first.visit == next.visit else { return nil }
            let end = first.startedAt + first.interval + guardTime
            return next.startedAt > end ? Double(next.startedAt - end) : nil
        }
    }
}
