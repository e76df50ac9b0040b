// SPDX-License-Identifier: GPL-3.0-or-later

import Cells
import Linux
import SystemPackage

/// Moves one chunk from end to end, with as many calls as it takes.
struct SpliceMover {
    let plan: SpliceWorkload
    let files: SpliceFiles
    let input: UnsafeMutableRawBufferPointer
    let output: UnsafeMutableRawBufferPointer

    private let mode: SpliceWorkload.Mode
    private let chunk: Int
    private let capacity: Int
    private let isGift: Bool
    private let usesFiles: Bool
    private let chunksInFile: Int
    private let chunksInMemory: Int
    private let reader, writer, secondReader, secondWriter, source, target: CInt

    init(
        _ plan: SpliceWorkload, _ files: SpliceFiles, input: UnsafeMutableRawBufferPointer,
        output: UnsafeMutableRawBufferPointer
    ) {
        self.plan = plan
        self.files = files
        self.input = input
        self.output = output
        mode = plan.mode
        chunk = plan.chunk
        capacity = files.capacity
        isGift = plan.isGift
        usesFiles = plan.mode.files > 0
        chunksInFile = max(1, plan.chunksInFile)
        chunksInMemory = plan.chunksInMemory
        (reader, writer) = (files.reader, files.writer)
        (secondReader, secondWriter) = (files.secondReader, files.secondWriter)
        (source, target) = (files.sourceNumber, files.targetNumber)
    }

    /// Moves an operation's chunk; 0, or a negative errno with the rest left in the pipes.
    func move(_ operation: Int) -> Int {
        let place = Int64(usesFiles ? operation % chunksInFile * chunk : 0)
        let slot = isGift ? operation % chunksInMemory * chunk : 0
        var (from, to) = (place, place)
        var done = 0
        while done < chunk {
            let entered = enter(slot + done, left: chunk - done, from: &from)
            guard entered > 0 else { return Self.failure(entered) }
            let answer = leave(entered, at: done, to: &to)
            guard answer == 0 else { return answer }
            done += entered
        }
        return 0
    }

    /// Takes out of the pipes what a failed operation left there.
    func clear() {
        for end in [reader, secondReader] where end >= 0 {
            while RawCall.readableBytes(end) > 0 {
                guard RawCall.read(end, into: output.baseAddress, count: output.count) > 0 else {
                    break
                }
            }
        }
    }

    /// Puts into the empty pipe what fits, so that nobody needs to read meanwhile.
    @inline(__always)
    private func enter(_ start: Int, left: Int, from offset: inout Int64) -> Int {
        switch mode {
        case .fileFile, .filePipe:
            RawCall.splice(from: source, inputOffset: &offset, to: writer, count: left)
        case .pipeFile, .tee:
            RawCall.write(writer, from: input.baseAddress! + start, count: min(capacity, left))
        case .vmsplice:
            RawCall.vmsplice(
                input.baseAddress! + start, count: min(capacity, left), into: writer,
                isGift: isGift)
        }
    }

    /// Takes out of the pipe what entered it.
    @inline(__always)
    private func leave(_ count: Int, at done: Int, to offset: inout Int64) -> Int {
        switch mode {
        case .fileFile, .pipeFile: spliceOut(count, at: &offset)
        case .filePipe, .vmsplice: read(count, from: reader, to: output.baseAddress! + done)
        case .tee: double(count, at: done)
        }
    }

    private func double(_ entered: Int, at done: Int) -> Int {
        var doubled = 0
        while doubled < entered {
            let part = RawCall.tee(from: reader, to: secondWriter, count: entered - doubled)
            guard part > 0 else { return Self.failure(part) }
            // The original comes back to where it came from, so that both can be compared.
            let at = done + doubled
            var answer = read(part, from: reader, to: input.baseAddress! + at)
            guard answer == 0 else { return answer }
            answer = read(part, from: secondReader, to: output.baseAddress! + at)
            guard answer == 0 else { return answer }
            doubled += part
        }
        return 0
    }

    @inline(__always)
    private func spliceOut(_ count: Int, at offset: inout Int64) -> Int {
        var left = count
        while left > 0 {
            let moved = RawCall.splice(from: reader, to: target, outputOffset: &offset, count: left)
            guard moved > 0 else { return Self.failure(moved) }
            left -= moved
        }
        return 0
    }

    @inline(__always)
    private func read(_ count: Int, from end: CInt, to start: UnsafeMutableRawPointer) -> Int {
        var left = count
        while left > 0 {
            let taken = RawCall.read(end, into: start + (count - left), count: left)
            guard taken > 0 else { return Self.failure(taken) }
            left -= taken
        }
        return 0
    }

    /// Nothing moved is an error too: a file that is shorter than it was, say.
    private static func failure(_ answer: Int) -> Int {
        answer == 0 ? -Int(Errno.ioError.rawValue) : answer
    }
}
