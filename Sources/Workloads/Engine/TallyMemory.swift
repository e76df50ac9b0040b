// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol
import SystemPackage

/// The shared memory in which workers, threads or processes, leave what they counted.
final class TallyMemory: @unchecked Sendable {
    /// One track of one worker.
    struct Track {
        var operations: UInt64 = 0
        var bytes: UInt64 = 0
        var shortOperations: UInt64 = 0
        var pauses: UInt64 = 0
        var pausedTicks: UInt64 = 0
        var firstTicks: UInt64 = 0
        var lastTicks: UInt64 = 0
        var buckets: Int = 0
        var failures: InlineArray<8, TrackRecorder.Failure> = .init(
            repeating: TrackRecorder.Failure())
    }

    /// One worker: what it counted, or why it failed.
    struct Tally {
        var isDone = false
        var first = Track()
        var second = Track()
        var verification = VerificationCounts()
        var usage = ResourceUsage()
        var heapGrowth: Int64 = 0
        var counted = WorkerCounters.Tally(repeating: nil)
        var errorBytes: Int = 0
    }

    private static let errorCapacity = 4096
    /// More than a histogram of 3 digits up to 60 s has entries.
    private static let bucketCapacity = 28 * 1024

    private let memory: MappedMemory
    private let stride: Int
    let workers: Int

    init(workers: Int) throws(Errno) {
        self.workers = workers
        let head = (MemoryLayout<Tally>.stride + 63) & ~63
        let buckets = 2 * Self.bucketCapacity * MemoryLayout<LatencyCounts.Entry>.stride
        stride = head + Self.errorCapacity + buckets
        memory = try MappedMemory(bytes: Gate.byteCount + workers * stride, shared: true)
        for worker in 0..<workers { tally(worker).initialize(to: Tally()) }
    }

    var gate: Gate { Gate(on: memory.bytes, workers: workers) }

    /// Forgets what all workers left, for the next slice.
    func reset() {
        for worker in 0..<workers { tally(worker).pointee = Tally() }
    }

    /// What a worker left.
    func tally(_ worker: Int) -> UnsafeMutablePointer<Tally> {
        base(worker).assumingMemoryBound(to: Tally.self)
    }

    private func base(_ worker: Int) -> UnsafeMutableRawPointer {
        memory.bytes.baseAddress! + Gate.byteCount + worker * stride
    }

    private func errorText(_ worker: Int) -> UnsafeMutableRawBufferPointer {
        let start = base(worker) + ((MemoryLayout<Tally>.stride + 63) & ~63)
        return UnsafeMutableRawBufferPointer(start: start, count: Self.errorCapacity)
    }

    private func buckets(_ worker: Int, track: Int) -> UnsafeMutablePointer<LatencyCounts.Entry> {
        (errorText(worker).baseAddress! + Self.errorCapacity)
            .assumingMemoryBound(to: LatencyCounts.Entry.self) + track * Self.bucketCapacity
    }

    /// Leaves what a worker counted; called in the worker, after the measurement.
    func store(_ worker: Worker) {
        let slot = tally(worker.index)
        slot.pointee.first = store(worker.first, worker: worker.index, track: 0)
        slot.pointee.second = store(worker.second, worker: worker.index, track: 1)
        slot.pointee.verification = worker.verification
        slot.pointee.usage = worker.afterUsage.since(worker.beforeUsage)
        slot.pointee.heapGrowth = Int64(worker.heapAfter) - Int64(worker.heapBefore)
        slot.pointee.counted = worker.counters.tally
        slot.pointee.isDone = true
    }

    private func store(_ recorder: TrackRecorder, worker: Int, track: Int) -> Track {
        let target = buckets(worker, track: track)
        var used = 0
        for value in recorder.histogram.recordedValues() where used < Self.bucketCapacity {
            target[used] = LatencyCounts.Entry(value: value.value, count: UInt64(value.count))
            used += 1
        }
        return Track(
            operations: recorder.operations, bytes: recorder.bytes,
            shortOperations: recorder.shortOperations, pauses: recorder.pauses,
            pausedTicks: recorder.pausedTicks, firstTicks: recorder.firstTicks,
            lastTicks: recorder.lastTicks, buckets: used, failures: recorder.failures)
    }

    /// Leaves why a worker failed: kind, message and remedy, a line feed between them.
    func store(_ error: PlumblineError, worker: Int) {
        let text = [error.kind.rawValue, error.message, error.remedy].joined(separator: "\n")
        let room = errorText(worker)
        let bytes = Array(text.utf8.prefix(room.count))
        room.copyBytes(from: bytes)
        tally(worker).pointee.errorBytes = bytes.count
    }

    /// Why a worker failed, if it said so.
    func error(_ worker: Int) -> PlumblineError? {
        let length = tally(worker).pointee.errorBytes
        guard length > 0 else { return nil }
        let text = String(decoding: errorText(worker)[..<length], as: UTF8.self)
        let parts = text.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
        return PlumblineError(
            PlumblineError.Kind(rawValue: String(parts[0])) ?? .failure, String(parts[1]),
            remedy: parts.count > 2 ? String(parts[2]) : "")
    }

    /// A worker's latencies of one track.
    func latencies(worker: Int, track: Int) -> UnsafeBufferPointer<LatencyCounts.Entry> {
        let slot = tally(worker).pointee
        return UnsafeBufferPointer(
            start: buckets(worker, track: track),
            count: (track == 0 ? slot.first : slot.second).buckets)
    }
}
