// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// The requests that a job may have in flight, by slot: made before the gate opens, never grown.
struct RequestTable: ~Copyable {
    /// By slot, the ticks at which the request's submission began, or it was due.
    let starts: UnsafeMutablePointer<UInt64>
    /// By slot, what the request is; kept where blocks are proved.
    let steps: UnsafeMutablePointer<OffsetSequence.Step>
    /// Where completions are put.
    let completions: UnsafeMutableBufferPointer<Completion>
    let depth: Int
    /// Slots that no request has.
    private(set) var free: Int

    private let stack: UnsafeMutablePointer<UInt32>
    private let memory: MappedMemory

    init(depth: Int) throws(PlumblineError) {
        let each =
            MemoryLayout<UInt64>.stride + MemoryLayout<OffsetSequence.Step>.stride
            + MemoryLayout<Completion>.stride + MemoryLayout<UInt32>.stride
        memory = try DirectMemory.map(bytes: depth * each)
        var place = memory.bytes.baseAddress!
        func take<T>(_ type: T.Type) -> UnsafeMutablePointer<T> {
            defer { place += depth * MemoryLayout<T>.stride }
            return place.assumingMemoryBound(to: type)
        }
        starts = take(UInt64.self)
        steps = take(OffsetSequence.Step.self)
        completions = UnsafeMutableBufferPointer(start: take(Completion.self), count: depth)
        stack = take(UInt32.self)
        self.depth = depth
        free = depth
        for slot in 0..<depth { stack[slot] = UInt32(depth - 1 - slot) }
    }

    /// Requests in flight or queued.
    @inline(__always) var used: Int { depth &- free }

    /// Takes the slot that was given back last, whose buffer is the warmest; one must be free.
    @inline(__always)
    mutating func take() -> Int {
        free &-= 1
        return Int(truncatingIfNeeded: stack[free])
    }

    @inline(__always)
    mutating func giveBack(_ slot: Int) {
        stack[free] = UInt32(truncatingIfNeeded: slot)
        free &+= 1
    }
}
