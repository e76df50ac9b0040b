// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

/// Operations in each of which one more allocation is spared: the first one fails, then the
/// second, and so on until an operation meets none that fails; then all over again.
struct FaultJob: ~Copyable {
    private let plan: FaultWorkload
    private let pattern: StreamPattern
    private let output: MappedMemory
    private let input: MappedMemory
    private let fault: FailNth
    private var pipe: Pipe
    private let switches: [String]
    /// Which allocation fails next.
    private var number = 1
    private var position: UInt64 = 0
    private var faults = 0
    private var rounds = 0

    init(_ plan: FaultWorkload, _ pattern: StreamPattern) throws(Errno) {
        let output = try MappedMemory(bytes: plan.size)
        let input = try MappedMemory(bytes: plan.size)
        let fault = try FailNth()
        let pipe = try Pipe()
        // A page fault in an operation would be one more allocation to fail.
        output.touch()
        input.touch()
        self.plan = plan
        self.pattern = pattern
        self.output = output
        self.input = input
        self.fault = fault
        self.pipe = pipe
        switches = plan.flips ? plan.switches : []
    }

    /// Operates until the gate closes.
    ///
    /// - Returns: how many allocations failed.
    /// - Throws: what the kernel says of anything but the operations themselves, `badMessage`
    ///   for bytes that are not those that were written.
    mutating func run(
        _ worker: inout Worker, file: borrowing DirectFile?
    ) throws(Errno) -> Int {
        let gate = worker.gate
        let (earlierFaults, earlierRounds) = (faults, rounds)
        while gate.isGuarding { try operate(&worker, file, isCounted: false) }
        _ = worker.begin()
        // The first round of a slow guest may outlast a short slice.
        while gate.isMeasuring || rounds == earlierRounds {
            try operate(&worker, file, isCounted: true)
        }
        worker.end()
        for path in switches { try SystemFile.write("Y", to: path) }
        return faults - earlierFaults
    }

    private mutating func operate(
        _ worker: inout Worker, _ file: borrowing DirectFile?, isCounted: Bool
    ) throws(Errno) {
        let isPipe = plan.path == .pipe
        if isPipe {
            pattern.fill(output.bytes, writer: 0, position: position)
        } else {
            position = (position + UInt64(plan.size)) % UInt64(plan.fileSize)
        }
        let clock = worker.clock
        try fault.arm(number)
        let start = clock.ticks()
        let answer: Result<Int, Errno>
        do throws(Errno) {
            answer = .success(try isPipe ? send() : receive(file))
        } catch {
            answer = .failure(error)
        }
        let end = clock.ticks()
        let hasFailed = try fault.disarm()
        let done = count(answer, hasFailed: hasFailed, &worker)
        if isCounted, done > 0 {
            record(&worker) { $0.record(from: start, to: end, bytes: done) }
        }
        if isPipe { try readBack(done) }
        try compare(done)
        if isPipe { position += UInt64(done) }
        try goOn(hasFailed)
    }

    private func send() throws(Errno) -> Int {
        try pipe.writer.write(UnsafeRawBufferPointer(output.bytes))
    }

    private func receive(_ file: borrowing DirectFile?) throws(Errno) -> Int {
        switch file {
        case .some(let file):
            return try file.descriptor.read(into: input.bytes, at: Int(position))
        case .none: throw .badFileDescriptor
        }
    }

    /// The bytes that an operation moved; what it may not do is counted as wrong.
    private func count(
        _ answer: Result<Int, Errno>, hasFailed: Bool, _ worker: inout Worker
    ) -> Int {
        let mayFail = plan.mayFail && hasFailed
        switch answer {
        case .success(let done):
            if done < plan.size, !mayFail { record(&worker) { $0.shortOperations += 1 } }
            return done
        case .failure(let error):
            if error != .noMemory || !mayFail {
                record(&worker) { $0.fail(errno: error.rawValue) }
            }
            return 0
        }
    }

    /// Pipes are written, files are read.
    private func record(_ worker: inout Worker, _ body: (inout TrackRecorder) -> Void) {
        if plan.path == .pipe { body(&worker.first) } else { body(&worker.second) }
    }

    private func readBack(_ bytes: Int) throws(Errno) {
        var done = 0
        while done < bytes {
            done += try pipe.reader.read(
                into: UnsafeMutableRawBufferPointer(rebasing: input.bytes[done..<bytes]))
        }
        guard try pipe.readableBytes == 0 else { throw .badMessage }
    }

    private func compare(_ bytes: Int) throws(Errno) {
        let part = UnsafeRawBufferPointer(rebasing: input.bytes[..<bytes])
        guard pattern.matchForward(part, writer: 0, position: position) == bytes else {
            throw .badMessage
        }
    }

    /// After an operation in which nothing failed a round is over; the next one has a new pipe,
    /// and the switches the other way.
    private mutating func goOn(_ hasFailed: Bool) throws(Errno) {
        if hasFailed {
            faults += 1
            number += 1
            return
        }
        number = 1
        rounds += 1
        if plan.path == .pipe { pipe = try Pipe() }
        // Nobody else runs the code that is patched, which QEMU's emulator would not survive.
        for path in switches {
            try SystemFile.write(rounds.isMultiple(of: 2) ? "Y" : "N", to: path)
        }
    }
}
