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
        chunksInFile = max(1, plan.chunksInFile)
        chunksInMemory = plan.chunksInMemory
        (reader, writer) = (files.reader, files.writer)
        (secondReader, secondWriter) = (files.secondReader, files.secondWriter)
        (source, target) = (files.sourceNumber, files.targetNumber)
    }

    /// Moves an operation's chunk; 0, or a negative errno with the rest left in the pipes.
    @inline(__always)
    func move(_ operation: Int) -> Int {
        let offset = Int64(mode == .tee || mode == .vmsplice ? 0 : operation % chunksInFile * chunk)
        switch mode {
        case .fileFile: return fileToFile(offset)
        case .pipeFile: return pipeToFile(offset)
        case .filePipe: return fileToPipe(offset)
        case .vmsplice:
            let slot = isGift ? operation % chunksInMemory * chunk : 0
            return memoryToPipe(input.baseAddress! + slot)
        case .tee: return pipeToPipe()
        }
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

    private func fileToFile(_ offset: Int64) -> Int {
        var (from, to) = (offset, offset)
        var left = chunk
        while left > 0 {
            let entered = RawCall.splice(from: source, inputOffset: &from, to: writer, count: left)
            guard entered > 0 else { return Self.failure(entered) }
            let answer = spliceOut(entered, at: &to)
            guard answer == 0 else { return answer }
            left -= entered
        }
        return 0
    }

    private func pipeToFile(_ offset: Int64) -> Int {
        var to = offset
        var done = 0
        while done < chunk {
            let entered = write(done)
            guard entered > 0 else { return Self.failure(entered) }
            let answer = spliceOut(entered, at: &to)
            guard answer == 0 else { return answer }
            done += entered
        }
        return 0
    }

    private func fileToPipe(_ offset: Int64) -> Int {
        var from = offset
        var done = 0
        while done < chunk {
            let entered = RawCall.splice(
                from: source, inputOffset: &from, to: writer, count: chunk - done)
            guard entered > 0 else { return Self.failure(entered) }
            let answer = read(entered, at: done)
            guard answer == 0 else { return answer }
            done += entered
        }
        return 0
    }

    private func memoryToPipe(_ start: UnsafeMutableRawPointer) -> Int {
        var done = 0
        while done < chunk {
            let entered = RawCall.vmsplice(
                start + done, count: min(capacity, chunk - done), into: writer, isGift: isGift)
            guard entered > 0 else { return Self.failure(entered) }
            let answer = read(entered, at: done)
            guard answer == 0 else { return answer }
            done += entered
        }
        return 0
    }

    private func pipeToPipe() -> Int {
        var done = 0
        while done < chunk {
            let entered = write(done)
            guard entered > 0 else { return Self.failure(entered) }
            var doubled = 0
            while doubled < entered {
                let part = RawCall.tee(from: reader, to: secondWriter, count: entered - doubled)
                guard part > 0 else { return Self.failure(part) }
                // The original comes back to where it came from, so that both can be compared.
                let (count, at) = (part, done + doubled)
                var answer = read(count, from: reader, to: input.baseAddress! + at)
                guard answer == 0 else { return answer }
                answer = read(count, from: secondReader, to: output.baseAddress! + at)
                guard answer == 0 else { return answer }
                doubled += part
            }
            done += entered
        }
        return 0
    }

    /// Writes what fits into the empty pipe, so that nobody needs to read meanwhile.
    @inline(__always)
    private func write(_ done: Int) -> Int {
        RawCall.write(
            writer, from: input.baseAddress! + done, count: min(capacity, chunk - done))
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
    private func read(_ count: Int, at done: Int) -> Int {
        read(count, from: reader, to: output.baseAddress! + done)
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
