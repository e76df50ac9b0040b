// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

/// A ring, the file and the buffers that its requests go to, and the slots of these buffers: all
/// made once, and never grown.
struct RequestQueue: ~Copyable {
    /// A request that has ended.
    struct Done {
        let mark: RequestMark
        /// Bytes, or a negative errno.
        let result: Int
    }

    /// The file or device.
    let file: DirectFile
    /// Slots that no request has.
    private(set) var free: Int

    private let ring: Ring
    private let depth: Int
    private let base: Int
    private let blockSize: Int
    // What else is in an entry is the same for all requests.
    private let readOperation: UInt8
    private let writeOperation: UInt8
    private let buffers: MappedMemory
    private let memory: MappedMemory
    private let freeSlots: UnsafeMutablePointer<UInt16>
    /// By slot, what the request is; kept where blocks are proved.
    private let steps: UnsafeMutablePointer<OffsetSequence.Step>

    init(_ job: DirectJob, _ file: consuming DirectFile) throws(PlumblineError) {
        let plan = job.plan
        let depth = plan.depth
        let stepBytes = depth * MemoryLayout<OffsetSequence.Step>.stride
        let memory = try DirectMemory.map(bytes: stepBytes + depth * MemoryLayout<UInt16>.stride)
        let buffers = try job.buffers()
        let ring = try RingSetup.make(plan)
        let number = file.descriptor.rawValue
        try RingSetup.register(ring, file: number, buffers: buffers.bytes, for: plan)
        let target: Ring.File = plan.registersFile ? .registered(0) : .descriptor(number)
        let first = UnsafeMutableRawBufferPointer(rebasing: buffers.bytes[..<plan.blockSize])
        let index = plan.fixedBuffers ? 0 : nil
        let read = Submission.read(target, into: first, at: 0, bufferIndex: index)
        let write = Submission.write(
            target, from: UnsafeRawBufferPointer(first), at: 0, bufferIndex: index)
        ring.fill(read)
        readOperation = read.operation
        writeOperation = write.operation
        let place = memory.bytes.baseAddress!
        steps = place.assumingMemoryBound(to: OffsetSequence.Step.self)
        freeSlots = (place + stepBytes).assumingMemoryBound(to: UInt16.self)
        for slot in 0..<depth { freeSlots[slot] = UInt16(depth - 1 - slot) }
        free = depth
        base = job.region.layout.base
        blockSize = plan.blockSize
        self.depth = depth
        self.file = file
        self.ring = ring
        self.buffers = buffers
        self.memory = memory
    }

    /// Requests in flight or queued.
    @inline(__always) var used: Int { depth &- free }

    /// Takes the slot that was given back last, whose buffer is the warmest; one must be free.
    @inline(__always)
    mutating func take() -> Int {
        free &-= 1
        return Int(truncatingIfNeeded: freeSlots[free])
    }

    @inline(__always)
    mutating func giveBack(_ slot: Int) {
        freeSlots[free] = UInt16(truncatingIfNeeded: slot)
        free &+= 1
    }

    /// Remembers what a slot's request is.
    func note(_ step: OffsetSequence.Step, slot: Int) { steps[slot] = step }

    /// What a slot's request is, where it was noted.
    func step(_ slot: Int) -> OffsetSequence.Step { steps[slot] }

    func buffer(_ slot: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(
            start: buffers.bytes.baseAddress.unsafelyUnwrapped + slot &* blockSize,
            count: blockSize)
    }

    /// Queues a slot's request.
    @inline(__always)
    func add(_ step: OffsetSequence.Step, slot: Int, start: UInt64) throws(PlumblineError) {
        let entry: UnsafeMutablePointer<Submission>
        do { entry = try ring.next() } catch { throw Self.broken(error) }
        let place = buffers.bytes.baseAddress.unsafelyUnwrapped + slot &* blockSize
        entry.pointee.operation = step.isWrite ? writeOperation : readOperation
        entry.pointee.offset = UInt64(truncatingIfNeeded: base &+ step.block &* blockSize)
        entry.pointee.address = UInt64(UInt(bitPattern: place))
        entry.pointee.buffer_index = UInt16(truncatingIfNeeded: slot)
        entry.pointee.user_data =
            RequestMark(slot: slot, isWrite: step.isWrite, start: start).bits
    }

    /// Submits what is queued and waits for completions, of which there may be fewer afterwards
    /// when a signal came or the kernel took a part only.
    @inline(__always)
    func submit(wait: Int) throws(PlumblineError) {
        do {
            try ring.submitAndWait(wait)
        } catch .interrupted, .resourceTemporarilyUnavailable, .resourceBusy {
            return
        } catch {
            throw Self.broken(error)
        }
    }

    /// How many requests have ended and are not taken.
    @inline(__always) var ended: Int { ring.ready }

    /// One of those that have ended, from 0.
    @inline(__always)
    func done(_ number: Int) -> Done {
        let completion = ring.completion(number)
        return Done(mark: RequestMark(bits: completion.user_data), result: Int(completion.result))
    }

    /// Takes the first `count` of those that have ended; their slots are given back one by one.
    @inline(__always) func remove(_ count: Int) { ring.advance(count) }

    /// Reads one block, because only a request tells whether the device can be polled.
    mutating func probePolling(_ path: String) throws(PlumblineError) {
        let slot = take()
        try add(OffsetSequence.Step(block: 0, isWrite: false), slot: slot, start: 0)
        while ended == 0 { try submit(wait: 1) }
        let result = done(0).result
        remove(1)
        giveBack(slot)
        if result < 0 { throw DirectErrors.noPolling(path, Errno(rawValue: Int32(-result))) }
    }

    private static func broken(_ error: Errno) -> PlumblineError {
        .failure("dio: io_uring_enter failed: \(error)")
    }
}
