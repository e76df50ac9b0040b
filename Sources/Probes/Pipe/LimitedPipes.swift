// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// What a `LimitedWriter` and its maker share: pipes, memory, and whose turn it is.
struct LimitedPipes: ~Copyable {
    /// For the steps before the limit.
    let rehearsal: Pipe
    /// Its pages fill the cgroup up to the limit.
    let filler: Pipe
    /// What is written to at the limit, 64 KiB.
    let target: Pipe
    /// Whose turn it is.
    let turns: LimitedTurns
    private let memory: MappedMemory
    private let back: MappedMemory

    /// What is written, 64 KiB in which no two pages are the same.
    var output: UnsafeMutableRawBufferPointer { memory.bytes }
    /// As much room for what is read.
    var input: UnsafeMutableRawBufferPointer { back.bytes }

    init() throws(Errno) {
        let bytes = FullPipe.pages * MappedMemory.pageSize
        let rehearsal = try Pipe(.nonblocking)
        let filler = try Pipe(.nonblocking)
        let target = try Pipe(.nonblocking)
        try rehearsal.setSize(bytes)
        try filler.setSize(1 << 20)
        try target.setSize(bytes)
        let memory = try MappedMemory(bytes: bytes)
        let back = try MappedMemory(bytes: bytes, shared: true)
        let turns = try LimitedTurns()
        for index in memory.bytes.indices {
            memory.bytes[index] = UInt8(truncatingIfNeeded: index / 3)
        }
        back.touch()
        self.rehearsal = rehearsal
        self.filler = filler
        self.target = target
        self.memory = memory
        self.back = back
        self.turns = turns
    }
}

/// Two processes that take turns: one works up to a step and waits, then the other one has it go on.
struct LimitedTurns: ~Copyable {
    /// Where the working process waits.
    enum Step: UInt32 {
        case rehearsed = 1, filled, written
    }

    private static let going: UInt32 = 0
    private static let ended = UInt32.max

    private let memory: MappedMemory
    private let word: SharedWord

    init() throws(Errno) {
        let memory = try MappedMemory(bytes: MappedMemory.pageSize, shared: true)
        memory.touch()
        word = SharedWord(in: memory.bytes, at: 0)
        self.memory = memory
    }

    /// Waits at a step; for the working process.
    func pause(at step: Step) {
        word.store(step.rawValue)
        _ = try? word.wake()
        while word.load() == step.rawValue { try? word.wait(while: step.rawValue) }
    }

    /// Says that the working process does no more steps.
    func end() {
        word.store(Self.ended)
        _ = try? word.wake()
    }

    /// Has the working process go on.
    func goOn() {
        word.store(Self.going)
        _ = try? word.wake()
    }

    /// Waits until the working process waits at a step.
    ///
    /// - Returns: false when it ends before that, or does not come there in time.
    /// - Throws: `interrupted`.
    func reach(_ step: Step, _ host: ProbeHost) throws(PlumblineError) -> Bool {
        let end = Clock.monotonicNanoseconds() + ProbeChildren.limit
        while word.load() != step.rawValue {
            guard word.load() != Self.ended, Clock.monotonicNanoseconds() < end else {
                return false
            }
            try host.check()
            try? word.wait(while: Self.going, timeoutNanoseconds: 10_000_000)
        }
        return true
    }

    /// What the working process says.
    var answer: Int {
        get { memory.bytes.load(fromByteOffset: 8, as: Int.self) }
        nonmutating set { memory.bytes.storeBytes(of: newValue, toByteOffset: 8, as: Int.self) }
    }
}
