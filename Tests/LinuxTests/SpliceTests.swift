// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Linux
import Testing

extension Kernel {
    @Suite struct SpliceTests {
        @Test func spliceMovesFromPipeToPipe() throws {
            let from = try Pipe()
            let to = try Pipe()
            try from.writer.writeAll("moved")
            let moved = RawCall.splice(
                from: from.reader.rawValue, to: to.writer.rawValue, count: 100)
            #expect(moved == 5)
            #expect(RawCall.readableBytes(to.reader.rawValue) == 5)
            #expect(try to.reader.readBytes(10) == Array("moved".utf8))
        }

        @Test func spliceNeedsAPipe() throws {
            let from = try Support.temporaryFile()
            let to = try Support.temporaryFile()
            #expect(
                RawCall.splice(from: from.rawValue, to: to.rawValue, count: 1) == -Int64(EINVAL))
        }

        @Test func offsetsOfFilesAdvance() throws {
            let file = try Support.temporaryFile()
            try file.writeAll("0123456789")
            let pipe = try Pipe()
            var offset: Int64 = 3
            let entered = RawCall.splice(
                from: file.rawValue, inputOffset: &offset, to: pipe.writer.rawValue, count: 4)
            #expect(entered == 4 && offset == 7)
            offset = 20
            let left = RawCall.splice(
                from: pipe.reader.rawValue, to: file.rawValue, outputOffset: &offset, count: 4)
            #expect(left == 4 && offset == 24)
            let memory = try MappedMemory(bytes: 4096)
            let read = RawCall.read(
                file.rawValue, into: memory.bytes.baseAddress, count: 10, at: 20)
            #expect(Array(memory.bytes[..<Int(read)]) == Array("3456".utf8))
        }

        @Test func aPipeHasNoOffset() throws {
            let from = try Pipe()
            let to = try Pipe()
            var offset: Int64 = 0
            let answer = RawCall.splice(
                from: from.reader.rawValue, inputOffset: &offset, to: to.writer.rawValue, count: 1)
            #expect(answer == -Int64(ESPIPE))
        }

        @Test func theEndOfTheInputIsZero() throws {
            let reader = try Pipe().takeReader()
            let to = try Pipe()
            #expect(RawCall.splice(from: reader.rawValue, to: to.writer.rawValue, count: 1) == 0)
        }

        @Test(arguments: [false, true])
        func mappedPagesComeOutOfThePipe(isGift: Bool) throws {
            let pipe = try Pipe()
            let memory = try MappedMemory(bytes: 8192)
            for index in memory.bytes.indices { memory.bytes[index] = UInt8(index % 251) }
            let mapped = RawCall.vmsplice(
                memory.bytes.baseAddress, count: 8192, into: pipe.writer.rawValue, isGift: isGift)
            #expect(mapped == 8192)
            #expect(try pipe.reader.readBytes(8192) == Array(memory.bytes))
        }

        @Test func mappingIntoAFileIsABadDescriptor() throws {
            let file = try Support.temporaryFile()
            let memory = try MappedMemory(bytes: 4096)
            let answer = RawCall.vmsplice(
                memory.bytes.baseAddress, count: 4096, into: file.rawValue, isGift: false)
            #expect(answer == -Int64(EBADF))
        }

        @Test func teeLeavesTheOriginal() throws {
            let from = try Pipe()
            let to = try Pipe()
            try from.writer.writeAll("both")
            let copied = RawCall.tee(
                from: from.reader.rawValue, to: to.writer.rawValue, count: 100)
            #expect(copied == 4)
            #expect(try from.reader.readBytes(10) == Array("both".utf8))
            #expect(try to.reader.readBytes(10) == Array("both".utf8))
        }

        @Test func teeWithinOnePipeIsRefused() throws {
            let pipe = try Pipe()
            let answer = RawCall.tee(
                from: pipe.reader.rawValue, to: pipe.writer.rawValue, count: 1)
            #expect(answer == -Int64(EINVAL))
        }

        @Test func pollTellsWhatIsReady() throws {
            let pipe = try Pipe()
            #expect(RawCall.poll(pipe.reader.rawValue, .input, milliseconds: 0) == 0)
            #expect(RawCall.write(pipe.writer.rawValue, from: "x", count: 1) == 1)
            let ready = RawCall.poll(pipe.reader.rawValue, .input, milliseconds: 0)
            #expect(PollEvents(rawValue: ready) == .input)
        }
    }
}
