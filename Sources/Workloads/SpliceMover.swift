// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import Linux
import SystemPackage

/// Moves one chunk from end to end, with as many calls as it takes.
struct SpliceMover {
    let plan: SplicePlan
    let files: SpliceFiles
    let input: UnsafeMutableRawBufferPointer
    let output: UnsafeMutableRawBufferPointer

    private let mode: SplicePlan.Mode
    private let chunk: Int
    private let capacity: Int
    private let isGift: Bool
    private let reader, writer, secondReader, secondWriter, source, target: CInt

    init(
        _ plan: SplicePlan, _ files: SpliceFiles, input: UnsafeMutableRawBufferPointer,
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
        (reader, writer) = (files.reader, files.writer)
        (secondReader, secondWriter) = (files.secondReader, files.secondWriter)
        (source, target) = (files.sourceNumber, files.targetNumber)
    }

    /// Moves an operation's chunk; 0, or a negative errno with the rest left in the pipes.
    @inline(__always)
    func move(_ operation: Int) -> Int64 {
        let offset = Int64(mode == .tee || mode == .vmsplice ? 0 : plan.fileOffset(operation))
        switch mode {
        case .fileFile: return fileToFile(offset)
        case .pipeFile: return pipeToFile(offset)
        case .filePipe: return fileToPipe(offset)
        case .vmsplice:
            let slot = isGift ? operation % plan.chunksInMemory * chunk : 0
            return memoryToPipe(input.baseAddress! + slot)
        case .tee: return pipeToPipe()
        }
    }

    /// Takes out of the pipes what a failed operation left there.
    func clear() {
        for end in [reader, secondReader] where end >= 0 {
            while cshims_pipe_readable(end) > 0 {
                guard cshims_read(end, output.baseAddress, UInt64(output.count)) > 0 else { break }
            }
        }
    }

    private func fileToFile(_ offset: Int64) -> Int64 {
        var (from, to) = (offset, offset)
        var left = chunk
        while left > 0 {
            let entered = cshims_splice(
                source, &from, writer, nil, UInt64(left), UInt32(CSHIMS_SPLICE_MOVE))
            guard entered > 0 else { return Self.failure(entered) }
            let answer = spliceOut(Int(entered), at: &to)
            guard answer == 0 else { return answer }
            left -= Int(entered)
        }
        return 0
    }

    private func pipeToFile(_ offset: Int64) -> Int64 {
        var to = offset
        var done = 0
        while done < chunk {
            let entered = write(done)
            guard entered > 0 else { return Self.failure(entered) }
            let answer = spliceOut(Int(entered), at: &to)
            guard answer == 0 else { return answer }
            done += Int(entered)
        }
        return 0
    }

    private func fileToPipe(_ offset: Int64) -> Int64 {
        var from = offset
        var done = 0
        while done < chunk {
            let entered = cshims_splice(
                source, &from, writer, nil, UInt64(chunk - done), UInt32(CSHIMS_SPLICE_MOVE))
            guard entered > 0 else { return Self.failure(entered) }
            let answer = read(Int(entered), at: done)
            guard answer == 0 else { return answer }
            done += Int(entered)
        }
        return 0
    }

    private func memoryToPipe(_ start: UnsafeMutableRawPointer) -> Int64 {
        var done = 0
        while done < chunk {
            let part = UInt64(min(capacity, chunk - done))
            let entered = cshims_vmsplice(writer, start + done, part, isGift, false)
            guard entered > 0 else { return Self.failure(entered) }
            let answer = read(Int(entered), at: done)
            guard answer == 0 else { return answer }
            done += Int(entered)
        }
        return 0
    }

    private func pipeToPipe() -> Int64 {
        var done = 0
        while done < chunk {
            let entered = write(done)
            guard entered > 0 else { return Self.failure(entered) }
            var doubled = 0
            while doubled < Int(entered) {
                let part = cshims_tee(reader, secondWriter, UInt64(Int(entered) - doubled), 0)
                guard part > 0 else { return Self.failure(part) }
                // The original comes back to where it came from, so that both can be compared.
                let (count, at) = (Int(part), done + doubled)
                var answer = read(count, from: reader, to: input.baseAddress! + at)
                guard answer == 0 else { return answer }
                answer = read(count, from: secondReader, to: output.baseAddress! + at)
                guard answer == 0 else { return answer }
                doubled += Int(part)
            }
            done += Int(entered)
        }
        return 0
    }

    /// Writes what fits into the empty pipe, so that nobody needs to read meanwhile.
    @inline(__always)
    private func write(_ done: Int) -> Int64 {
        cshims_write(writer, input.baseAddress! + done, UInt64(min(capacity, chunk - done)))
    }

    @inline(__always)
    private func spliceOut(_ count: Int, at offset: inout Int64) -> Int64 {
        var left = count
        while left > 0 {
            let moved = cshims_splice(
                reader, nil, target, &offset, UInt64(left), UInt32(CSHIMS_SPLICE_MOVE))
            guard moved > 0 else { return Self.failure(moved) }
            left -= Int(moved)
        }
        return 0
    }

    @inline(__always)
    private func read(_ count: Int, at done: Int) -> Int64 {
        read(count, from: reader, to: output.baseAddress! + done)
    }

    @inline(__always)
    private func read(_ count: Int, from end: CInt, to start: UnsafeMutableRawPointer) -> Int64 {
        var left = count
        while left > 0 {
            let taken = cshims_read(end, start + (count - left), UInt64(left))
            guard taken > 0 else { return Self.failure(taken) }
            left -= Int(taken)
        }
        return 0
    }

    /// Nothing moved is an error too: a file that is shorter than it was, say.
    private static func failure(_ answer: Int64) -> Int64 {
        answer == 0 ? -Int64(Errno.ioError.rawValue) : answer
    }
}
