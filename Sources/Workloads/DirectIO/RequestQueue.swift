// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

/// A ring, the file and the buffers that its requests go to, and the requests in flight by slot:
/// all made before the gate opens, and never grown.
struct RequestQueue: ~Copyable {
    /// A request that has ended.
    struct Done {
        let slot: Int
        let isWrite: Bool
        /// Bytes, or a negative errno.
        let result: Int
    }

    // What user_data holds beside the slot.
    private static let writeMark: UInt64 = 1 << 32

    /// The file or device.
    let file: DirectFile
    /// Slots that no request has.
    private(set) var free: Int

    private let ring: Ring
    private let target: Ring.File
    private let base: Int
    private let blockSize: Int
    private let depth: Int
    private let fixedBuffers: Bool
    private let buffers: MappedMemory
    private let memory: MappedMemory
    /// By slot, the ticks at which the request's submission began, or it was due.
    private let starts: UnsafeMutablePointer<UInt64>
    /// By slot, what the request is; kept where blocks are proved.
    private let steps: UnsafeMutablePointer<OffsetSequence.Step>
    private let completions: UnsafeMutableBufferPointer<Completion>
    private let freeSlots: UnsafeMutablePointer<UInt32>

    init(_ job: DirectJob, _ file: consuming DirectFile) throws(PlumblineError) {
        let plan = job.plan
        let depth = plan.depth
        let each =
            MemoryLayout<UInt64>.stride + MemoryLayout<OffsetSequence.Step>.stride
            + MemoryLayout<Completion>.stride + MemoryLayout<UInt32>.stride
        let memory = try DirectMemory.map(bytes: depth * each)
        let buffers = try job.buffers()
        let ring = try RingSetup.make(plan)
        try RingSetup.register(ring, file: file.descriptor.rawValue, buffers.bytes, plan)
        var place = memory.bytes.baseAddress!
        func part<T>(_ type: T.Type) -> UnsafeMutablePointer<T> {
            defer { place += depth * MemoryLayout<T>.stride }
            return place.assumingMemoryBound(to: type)
        }
        starts = part(UInt64.self)
        steps = part(OffsetSequence.Step.self)
        completions = UnsafeMutableBufferPointer(start: part(Completion.self), count: depth)
        freeSlots = part(UInt32.self)
        for slot in 0..<depth { freeSlots[slot] = UInt32(depth - 1 - slot) }
        free = depth
        target = plan.registersFile ? .registered(0) : .descriptor(file.descriptor.rawValue)
        base = job.region.layout.base
        blockSize = plan.blockSize
        fixedBuffers = plan.fixedBuffers
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
    mutating func take(start: UInt64) -> Int {
        free &-= 1
        let slot = Int(truncatingIfNeeded: freeSlots[free])
        starts[slot] = start
        return slot
    }

    @inline(__always)
    mutating func giveBack(_ slot: Int) {
        freeSlots[free] = UInt32(truncatingIfNeeded: slot)
        free &+= 1
    }

    /// When a slot's request began.
    @inline(__always) func start(_ slot: Int) -> UInt64 { starts[slot] }

    /// Remembers what a slot's request is.
    func note(_ step: OffsetSequence.Step, slot: Int) { steps[slot] = step }

    /// What a slot's request is, where it was noted.
    func step(_ slot: Int) -> OffsetSequence.Step { steps[slot] }

    @inline(__always)
    func buffer(_ slot: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(
            start: buffers.bytes.baseAddress.unsafelyUnwrapped + slot &* blockSize,
            count: blockSize)
    }

    /// Queues a slot's request.
    @inline(__always)
    func add(_ step: OffsetSequence.Step, slot: Int) throws(PlumblineError) {
        let offset = base &+ step.block &* blockSize
        let index = fixedBuffers ? slot : nil
        let mark = UInt64(truncatingIfNeeded: slot)
        do {
            if step.isWrite {
                try ring.queueWrite(
                    target, from: UnsafeRawBufferPointer(buffer(slot)), at: offset,
                    bufferIndex: index, userData: mark | Self.writeMark)
            } else {
                try ring.queueRead(
                    target, into: buffer(slot), at: offset, bufferIndex: index, userData: mark)
            }
        } catch {
            throw Self.broken(error)
        }
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

    /// Takes the completions that are there; how many.
    @inline(__always) func reap() -> Int { ring.reap(into: completions) }

    /// One of the completions that were taken last.
    @inline(__always)
    func completion(_ number: Int) -> Done {
        let completion = completions[number]
        return Done(
            slot: Int(truncatingIfNeeded: completion.user_data & 0xffff_ffff),
            isWrite: completion.user_data & Self.writeMark != 0, result: Int(completion.result))
    }

    private static func broken(_ error: Errno) -> PlumblineError {
        .failure("dio: io_uring_enter failed: \(error)")
    }
}
