// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

extension PipeWorkload: Workload {
    package func prepare(
        in environment: WorkloadEnvironment
    ) throws(PlumblineError) -> any PreparedWorkload {
        try PreparedPipes(self, seed: environment.seed)
    }

    /// Whether a worker can run the plainest loop: blocking, at once, unverified.
    var isPlain: Bool { isBlocking && rate == 0 && !verifies }

    /// The part that a worker has.
    func role(of worker: Int) -> (pipe: Int, isWriter: Bool, number: Int) {
        let each = writers + readers
        let place = worker % each
        return (worker / each, place < writers, place < writers ? place : place - writers)
    }

    /// The numbers of a pipe's writers among all writers.
    func writerNumbers(pipe: Int) -> Range<Int> { pipe * writers..<(pipe + 1) * writers }
}

/// Pipes ready for their workers.
final class PreparedPipes: PreparedWorkload, @unchecked Sendable {
    private let plan: PipeWorkload
    private let pattern: StreamPattern
    private let pipes: [PipeEnds]

    init(_ plan: PipeWorkload, seed: UInt64) throws(PlumblineError) {
        self.plan = plan
        pattern = StreamPattern(seed: seed)
        try OpenFileLimit.makeRoom(
            for: 3 * plan.pipes + 2, "pipe: pipes=\(plan.pipes)", or: "set fewer pipes")
        var pipes: [PipeEnds] = []
        for number in 0..<plan.pipes {
            do {
                pipes.append(try PipeEnds(plan))
            } catch {
                throw PipeRefusal(
                    asked: plan.pipeSize, pipes: plan.pipes, number: number, error: error
                ).error
            }
        }
        self.pipes = pipes
        if plan.pipeSize == nil, let size = pipes.last?.size,
            size < PipeWorkload.defaultSize
        {
            throw PipeRefusal.tooFewPages(granted: size)
        }
    }

    /// One writer's or reader's life.
    func run(_ worker: inout Worker) throws(PlumblineError) {
        let role = plan.role(of: worker.index)
        let ends = pipes[role.pipe]
        if plan.workers == .process {
            for (number, other) in pipes.enumerated() {
                let isOwn = number == role.pipe
                other.keep(reader: isOwn && !role.isWriter, writer: isOwn && role.isWriter)
            }
        }
        if role.isWriter {
            try plan.writerPlacement.apply()
            try write(&worker, to: ends, role: role)
        } else {
            try plan.readerPlacement.apply()
            try read(&worker, from: ends, pipe: role.pipe)
        }
    }

    private func write(
        _ worker: inout Worker, to ends: PipeEnds, role: (pipe: Int, isWriter: Bool, number: Int)
    ) throws(PlumblineError) {
        let isAlone = plan.workers == .process
        let number = role.pipe * plan.writers + role.number
        let message = try buffer(plan.messageSize)
        pattern.fill(message.bytes, writer: number, position: 0)
        while worker.awaitSlice() {
            let writer = PipeWriter(
                plan, end: ends.writerNumber, pattern: slicePattern(worker), number: number, worker)
            writer.run(UnsafeRawBufferPointer(message.bytes), &worker)
            ends.writerLeaves(isAlone: isAlone)
            worker.finishSlice()
            guard isAlone || role.number == 0 else { continue }
            do { try ends.reopenWriter() } catch {
                throw .failure("pipe: cannot open the end to write to again: \(error)")
            }
        }
    }

    private func read(
        _ worker: inout Worker, from ends: PipeEnds, pipe: Int
    ) throws(PlumblineError) {
        // A page in front, where a verifier may put what the last read left over.
        let page = MappedMemory.pageSize
        let memory = try buffer(page + plan.messageSize)
        let room = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[page...])
        while worker.awaitSlice() {
            let reader = PipeReader(plan, end: ends.readerNumber, worker)
            var verifier = StreamVerifier(
                pattern: slicePattern(worker), writers: plan.writerNumbers(pipe: pipe),
                messageSize: plan.messageSize, isOnlyReader: plan.readers == 1,
                isPacket: plan.isPacket)
            reader.run(room, &verifier, worker: &worker)
        }
    }

    /// What verified streams of this slice are made of.
    private func slicePattern(_ worker: Worker) -> StreamPattern {
        StreamPattern(seed: worker.gate.seed)
    }

    /// Closes all ends of this process.
    func close() {
        for ends in pipes { ends.keep(reader: false, writer: false) }
    }

    private func buffer(_ bytes: Int) throws(PlumblineError) -> MappedMemory {
        try WorkerMemory.map(bytes: bytes, remedy: "set a smaller msgsize or fewer workers")
    }
}
