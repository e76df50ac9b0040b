// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Journal
import Linux
import Remotes
import SystemPackage

extension Bench {
    static let turnaroundRuns = 3

    /// A line with the turnaround of slices, from the end of one to the guard of the next one within
    /// a visit, on this machine and on one that ssh reaches, by turns; and beside it the network's
    /// own round trip.
    static func turnaround(
        _ programs: Programs, on address: String, configuration: String?
    ) throws(PlumblineError) -> String {
        let configured = configuration.map { ["--ssh-config", $0] } ?? []
        let words = (configuration.map { ["-F", $0] } ?? []) + (try SSHAddress(address)).words
        var (local, remote, echoes): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 0..<turnaroundRuns {
            local += try gaps(programs, [])
            remote += try gaps(programs, ["--on", address] + configured)
            do { echoes += try roundTrips(words) } catch {
                throw Programs.failure("ssh \(words.joined(separator: " ")) cat", error)
            }
        }
        let medians = [local, remote, echoes].map { Comparison.quantile($0.sorted(), 0.5) }
        let texts = (medians + [medians[1] - medians[0], medians[1] - medians[2]])
            .map { Decimal.time(nanoseconds: $0) }
        return "turnaround of a slice: \(texts[0]) here, \(texts[1]) on \(address): \(texts[3]) "
            + "more; a byte's round trip by ssh \(texts[2]): \(texts[4]) beside it "
            + "(medians of \(local.count), \(remote.count) and \(echoes.count); "
            + "goal: 5 ms beside it)"
    }

    /// The turnarounds of one run, nanoseconds.
    ///
    /// - Parameters:
    ///   - cell: a suite's item.
    ///   - hasGuard: whether its slices have a guard.
    static func gaps(
        _ programs: Programs, _ options: [String] = [],
        of cell: String = "workload: \(PipeWorkload.name)", hasGuard: Bool = true
    ) throws(PlumblineError) -> [Double] {
        let path = "/tmp/plumbline-bench-\(UInt64.random(in: 0 ... .max))"
        let (suite, output) = ("\(path).yaml", "\(path).jsonl")
        defer { for file in [suite, output] { try? SystemFile.unlink(file) } }
        do {
            try Descriptor.open(suite, [.write, .create]).writeAll(
                "suite: turnaround\nguard: 10ms\nslices: 200\ncells:\n"
                    + "  - \(cell)\n")
        } catch { throw .failure("cannot write \(suite): \(error)") }
        _ = try Programs.run(
            [programs.plumbline, "run", suite, "--slice", "10ms", "--quiet", "--output", output]
                + options)
        let journal = try StoredJournal(readingFrom: output)
        let guardTime = hasGuard ? Double(journal.header.suite.guardTime) : 0
        return zip(journal.slices, journal.slices.dropFirst()).compactMap { first, next in
            guard first.visit == next.visit else { return nil }
            return Double(next.startedAt) - Double(first.startedAt + first.interval) - guardTime
        }
    }

    /// Has ssh read from the first argument; the others are its own.
    private static let echo = #"exec ssh -T "$@" cat <"$0" 2>/dev/null"#

    /// Round trips of a byte to `cat` there and back, as far apart as slices are: nanoseconds.
    private static func roundTrips(_ words: [String]) throws(Errno) -> [Double] {
        let there = try Pipe()
        let back = try Pipe()
        let input = "/proc/\(ChildProcess.currentID)/fd/\(there.reader.rawValue)"
        let child = try Command.spawn(
            ["sh", "-c", Self.echo, input] + words, output: back.writer)
        defer {
            try? child.kill()
            _ = try? child.wait()
        }
        let reader = back.takeReader()
        // The first one waits for the connection.
        _ = try roundTrip(there.writer, reader)
        let writer = there.takeWriter()
        var times: [Double] = []
        for _ in 0..<200 {
            try Clock.sleep(nanoseconds: 20_000_000)
            times.append(try roundTrip(writer, reader))
        }
        return times
    }

    /// Writes a byte and waits for it.
    ///
    /// - Throws: `brokenPipe` when it does not come back.
    private static func roundTrip(
        _ writer: borrowing Descriptor, _ reader: borrowing Descriptor
    ) throws(Errno) -> Double {
        let start = Clock.monotonicNanoseconds()
        try writer.writeAll("x")
        guard try reader.awaitByte() else { throw .brokenPipe }
        return Double(Clock.monotonicNanoseconds() - start)
    }
}

extension Descriptor {
    /// Reads one byte; false at the end of the file.
    fileprivate borrowing func awaitByte() throws(Errno) -> Bool {
        let byte = UnsafeMutableRawBufferPointer.allocate(byteCount: 1, alignment: 1)
        defer { byte.deallocate() }
        return try read(into: byte) == 1
    }
}
