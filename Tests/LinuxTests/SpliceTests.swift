// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Linux
import SystemPackage
import Testing

extension Kernel {
    @Suite struct SpliceTests {
        init() { signal(SIGPIPE, SIG_IGN) }

        @Test func bytesMoveBetweenPipes() throws {
            let from = try Pipe()
            let to = try Pipe()
            try from.writer.writeAll("moved")
            let moved = try Splice.move(
                from: from.reader.rawValue, to: to.writer.rawValue, count: 100, flags: .move)
            #expect(moved == 5)
            #expect(try from.readableBytes == 0)
            #expect(try to.reader.readBytes(10) == Array("moved".utf8))
        }

        @Test func neitherEndAPipeIsRefused() throws {
            let from = try Support.temporaryFile()
            let to = try Support.temporaryFile()
            #expect(throws: Errno.invalidArgument) {
                try Splice.move(from: from.rawValue, to: to.rawValue, count: 1)
            }
        }

        @Test func aFileIsReadAtAnOffsetThatAdvances() throws {
            let file = try Support.temporaryFile()
            try file.writeAll("0123456789")
            let pipe = try Pipe()
            var offset = 4
            let moved = try Splice.move(
                from: file.rawValue, at: &offset, to: pipe.writer.rawValue, count: 3)
            #expect(moved == 3)
            #expect(offset == 7)
            #expect(try pipe.reader.readBytes(10) == Array("456".utf8))
        }

        @Test func aFileIsWrittenAtAnOffsetThatAdvances() throws {
            let file = try Support.temporaryFile()
            let pipe = try Pipe()
            try pipe.writer.writeAll("abc")
            var offset = 2
            let moved = try Splice.move(
                from: pipe.reader.rawValue, to: file.rawValue, at: &offset, count: 3)
            #expect(moved == 3)
            #expect(offset == 5)
            #expect(try file.readAll() == [0, 0] + Array("abc".utf8))
        }

        @Test func anOffsetIntoAPipeIsRefused() throws {
            let from = try Pipe()
            let to = try Pipe()
            var offset = 0
            #expect(throws: Errno.illegalSeek) {
                try Splice.move(
                    from: from.reader.rawValue, at: &offset, to: to.writer.rawValue, count: 1)
            }
            #expect(throws: Errno.illegalSeek) {
                try Splice.move(
                    from: from.reader.rawValue, to: to.writer.rawValue, at: &offset, count: 1)
            }
        }

        @Test func nonblockingFromAnEmptyPipeWouldBlock() throws {
            let from = try Pipe()
            let to = try Pipe()
            #expect(throws: Errno.wouldBlock) {
                try Splice.move(
                    from: from.reader.rawValue, to: to.writer.rawValue, count: 1,
                    flags: .nonblocking)
            }
        }

        @Test func theEndOfTheInputIsZero() throws {
            let reader = try Pipe().takeReader()
            let to = try Pipe()
            #expect(try Splice.move(from: reader.rawValue, to: to.writer.rawValue, count: 1) == 0)
        }

        @Test(arguments: [false, true])
        func mappedPagesComeOutOfThePipe(gift: Bool) throws {
            let pipe = try Pipe()
            let memory = try MappedMemory(bytes: 8192)
            for index in memory.bytes.indices { memory.bytes[index] = UInt8(index % 251) }
            let mapped = try Splice.map(
                UnsafeRawBufferPointer(memory.bytes), into: pipe.writer.rawValue, gift: gift)
            #expect(mapped == 8192)
            #expect(try pipe.reader.readBytes(8192) == Array(memory.bytes))
        }

        @Test func aGiftOfPartOfAPageIsRefused() throws {
            let pipe = try Pipe()
            let memory = try MappedMemory(bytes: 4096)
            let part = UnsafeRawBufferPointer(rebasing: memory.bytes[1..<100])
            var answer: Result<Int, Errno>
            do {
                answer = .success(try Splice.map(part, into: pipe.writer.rawValue, gift: true))
            } catch { answer = .failure(error) }
            // vmsplice(2) asks for whole pages; kernels since 2.6.x copy what is not one.
            #expect([.success(99), .failure(.invalidArgument)].contains(answer))
        }

        @Test func mappingIntoAFileIsABadDescriptor() throws {
            let file = try Support.temporaryFile()
            let memory = try MappedMemory(bytes: 4096)
            #expect(throws: Errno.badFileDescriptor) {
                try Splice.map(UnsafeRawBufferPointer(memory.bytes), into: file.rawValue)
            }
        }

        @Test func mappingIntoAFullPipeWouldBlock() throws {
            let pipe = try Pipe()
            try pipe.setSize(4096)
            try pipe.writer.writeAll(String(repeating: "x", count: 4096))
            let memory = try MappedMemory(bytes: 4096)
            #expect(throws: Errno.wouldBlock) {
                try Splice.map(
                    UnsafeRawBufferPointer(memory.bytes), into: pipe.writer.rawValue,
                    nonblocking: true)
            }
        }

        @Test func unmapTakesBytesOut() throws {
            let pipe = try Pipe()
            try pipe.writer.writeAll("taken")
            let memory = try MappedMemory(bytes: 4096)
            let taken = try Splice.unmap(from: pipe.reader.rawValue, into: memory.bytes)
            #expect(Array(memory.bytes[..<taken]) == Array("taken".utf8))
        }

        @Test func aDuplicateLeavesTheOriginal() throws {
            let from = try Pipe()
            let to = try Pipe()
            try from.writer.writeAll("both")
            let copied = try Splice.duplicate(
                from: from.reader.rawValue, to: to.writer.rawValue, count: 100)
            #expect(copied == 4)
            #expect(try from.reader.readBytes(10) == Array("both".utf8))
            #expect(try to.reader.readBytes(10) == Array("both".utf8))
        }

        @Test func duplicatingWithinOnePipeOrFromAFileIsRefused() throws {
            let pipe = try Pipe()
            let file = try Support.temporaryFile()
            #expect(throws: Errno.invalidArgument) {
                try Splice.duplicate(
                    from: pipe.reader.rawValue, to: pipe.writer.rawValue, count: 1)
            }
            #expect(throws: Errno.invalidArgument) {
                try Splice.duplicate(from: file.rawValue, to: pipe.writer.rawValue, count: 1)
            }
        }
    }
}
