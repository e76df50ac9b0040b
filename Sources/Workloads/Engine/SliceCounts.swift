// SPDX-License-Identifier: GPL-3.0-or-later

import Cells
import Linux
import Protocol
import SystemPackage

/// What a slice's workers counted, together.
package struct SliceCounts: Sendable {
    /// One track, over all workers.
    package struct Track: Sendable {
        /// Its name.
        package var name: String
        /// Operations that completed.
        package var operations: UInt64 = 0
        /// Bytes that they moved.
        package var bytes: UInt64 = 0
        /// From the first operation's start to the last one's end, nanoseconds.
        package var interval: UInt64 = 0
        /// Operations that moved less than asked.
        package var shortOperations: UInt64 = 0
        /// Pauses that a handicap made.
        package var pauses: UInt64 = 0
        /// The time of these pauses, each from when it was due to its end, nanoseconds.
        package var pausedTime: UInt64 = 0
        /// Failed operations by errno.
        package var errors: [Int32: UInt64] = [:]
        /// Latencies in nanoseconds; empty when not timed.
        package var latency = LatencyCounts()
    }

    /// The tracks in which something was done, came back short or failed.
    package var tracks: [Track]
    /// Operations of the rate's tracks.
    package var operations: UInt64 = 0
    /// Bytes of the rate's tracks.
    package var bytes: UInt64 = 0
    /// From the first operation's start to the last one's end over the rate's tracks, nanoseconds.
    package var interval: UInt64 = 0
    /// The workers' verifications, added up.
    package var verification = VerificationCounts()
    /// The workers' resource usage in the measured part, added up.
    package var usage = ResourceUsage()
    /// Bytes by which heaps grew in the measured part: the largest of the workers.
    package var heapGrowth: Int64 = 0
    /// What perf counters of all workers counted in the measured part, added up; a kind that one of
    /// them could not count is left out.
    package var counted: [Counter.Kind: Count] = [:]
    /// A worker killed by a signal: its number, where one was.
    package var killedBy: Int32?
    /// The longest time in which nobody looked at the workers, nanoseconds: about 50 ms, or more
    /// when the machine was stopped meanwhile.
    package var longestPause: UInt64 = 0
    /// Whether a signal stopped a worker for a while, since the slice before.
    package var wasStopped = false
    /// The metrics of a foreign program; nil for a workload of ours.
    package var result: ProgramResult?

    init(_ memory: TallyMemory, workload: any Workload, clock: FastClock) {
        tracks = []
        let names = type(of: workload).tracks
        let done = (0..<memory.workers).filter { memory.tally($0).pointee.isDone }
        for (i, name) in names.enumerated() {
            var track = Track(name: name)
            var span = TickSpan()
            for worker in done {
                let part = memory.tally(worker).pointee.track(i)
                track.add(part)
                track.pausedTime += clock.nanoseconds(part.pausedTicks)
                span.extend(over: part)
                track.latency.add(memory.latencies(worker: worker, track: i))
            }
            track.interval = clock.nanoseconds(span.ticks)
            guard track.operations > 0 || track.shortOperations > 0 || !track.errors.isEmpty
            else { continue }
            if workload.rateTracks.contains(name) {
                operations += track.operations
                bytes += track.bytes
            }
            tracks.append(track)
        }
        let rated = names.indices.filter { workload.rateTracks.contains(names[$0]) }
        interval = Self.interval(
            of: operations, at: done.map { memory.tally($0).pointee.rate(over: rated, clock) })
        let tallies = (0..<memory.workers).map { memory.tally($0).pointee }
        for tally in tallies { add(tally) }
        for (place, kind) in Counter.Kind.allCases.enumerated() {
            let counts = tallies.filter(\.isDone).map { $0.counted[place] }
            guard !counts.isEmpty, counts.allSatisfy({ $0 != nil }) else { continue }
            counted[kind] = counts.reduce(into: Count()) { $0.add($1 ?? Count()) }
        }
    }

    /// The time of so many operations at the sum of rates, operations a nanosecond.
    static func interval(of operations: UInt64, at rates: [Double]) -> UInt64 {
        let rate = rates.reduce(0, +)
        return rate > 0 ? UInt64((Double(operations) / rate).rounded()) : 0
    }

    private mutating func add(_ tally: TallyMemory.Tally) {
        let one = tally.verification
        if verification.corruptions == 0 {
            verification.firstCorruptionOffset = one.firstCorruptionOffset
        }
        verification.proven += one.proven
        verification.unproven += one.unproven
        verification.corruptions += one.corruptions
        verification.written += one.written
        verification.read += one.read
        verification.writtenSum &+= one.writtenSum
        verification.readSum &+= one.readSum
        usage.add(tally.usage)
        heapGrowth = max(heapGrowth, tally.heapGrowth)
    }
}

extension SliceCounts {
    /// What is wrong with a verified slice as a whole: bytes that were lost, made up or changed
    /// between its writers and its readers; `nil` when all that was written was read.
    ///
    /// For workloads whose description says `readsAllItWrites`.
    package var conservationError: String? {
        let found = verification
        if found.written != found.read {
            return "\(found.written) bytes were written and \(found.read) were read"
        }
        if found.writtenSum != found.readSum {
            return "the bytes read add up to \(found.readSum), those written to \(found.writtenSum)"
        }
        return nil
    }
}

extension SliceCounts.Track {
    fileprivate mutating func add(_ part: TallyMemory.Track) {
        operations += part.operations
        bytes += part.bytes
        shortOperations += part.shortOperations
        pauses += part.pauses
        for i in 0..<8 where part.failures[i].count > 0 {
            errors[part.failures[i].errno, default: 0] += part.failures[i].count
        }
    }
}

extension TallyMemory.Tally {
    fileprivate func track(_ index: Int) -> TallyMemory.Track { index == 0 ? first : second }

    /// The operations of these tracks a nanosecond, over the worker's own time; 0 without any.
    fileprivate func rate(over tracks: [Int], _ clock: FastClock) -> Double {
        var span = TickSpan()
        var operations: UInt64 = 0
        for index in tracks {
            operations += track(index).operations
            span.extend(over: track(index))
        }
        let time = clock.nanoseconds(span.ticks)
        return time > 0 ? Double(operations) / Double(time) : 0
    }
}

/// The time from the earliest start to the latest end, in ticks.
private struct TickSpan {
    private var first = UInt64.max
    private var last: UInt64 = 0

    /// Takes in a track in which something was done.
    mutating func extend(over track: TallyMemory.Track) {
        guard track.operations > 0 else { return }
        first = min(first, track.firstTicks)
        last = max(last, track.lastTicks)
    }
    var ticks: UInt64 { last > first ? last - first : 0 }
}
