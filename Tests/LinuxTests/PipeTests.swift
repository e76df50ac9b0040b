// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import Glibc
import Linux
import SystemPackage
import Testing

extension Kernel {
    @Suite struct PipeTests {
        init() { signal(SIGPIPE, SIG_IGN) }

        @Test func whatIsWrittenIsRead() throws {
            let pipe = try Pipe()
            #expect(try pipe.writer.writeOnce("hello") == 5)
            #expect(try pipe.readableBytes == 5)
            #expect(try pipe.reader.readBytes(100) == Array("hello".utf8))
        }

        @Test func anEmptyNonblockingPipeWouldBlock() throws {
            let pipe = try Pipe(.nonblocking)
            #expect(throws: Errno.wouldBlock) { try pipe.reader.readBytes(1) }
        }

        @Test func aFullNonblockingPipeWouldBlock() throws {
            let pipe = try Pipe(.nonblocking)
            let whole = String(repeating: "x", count: try pipe.size)
            #expect(try pipe.writer.writeOnce(whole) == whole.utf8.count)
            #expect(throws: Errno.wouldBlock) { try pipe.writer.writeOnce("x") }
        }

        @Test func writingWithoutAReaderBreaks() throws {
            let writer = try Pipe().takeWriter()
            #expect(throws: Errno.brokenPipe) { try writer.writeOnce("x") }
            #expect(throws: Errno.brokenPipe) { try writer.writeAll("x") }
        }

        @Test func aPacketPipeKeepsWritesApart() throws {
            let pipe = try Pipe(.packet)
            try pipe.writer.writeAll("one")
            try pipe.writer.writeAll("two")
            #expect(try pipe.reader.readBytes(100) == Array("one".utf8))
            #expect(try pipe.reader.readBytes(100) == Array("two".utf8))
        }

        @Test func theEndsWorkInOneDirectionOnly() throws {
            let pipe = try Pipe()
            #expect(throws: Errno.badFileDescriptor) { try pipe.reader.writeOnce("x") }
            #expect(throws: Errno.badFileDescriptor) { try pipe.writer.readBytes(1) }
        }

        @Test func theSizeGrantedIsAPowerOfTwoOfPages() throws {
            let pipe = try Pipe()
            #expect(try pipe.setSize(5000) == 8192)
            #expect(try pipe.size == 8192)
        }

        @Test func aSizeThatNoPipeHasIsRefused() throws {
            let pipe = try Pipe()
            #expect(throws: Errno.invalidArgument) { try pipe.setSize(1 << 40) }
            #expect(throws: Errno.invalidArgument) { try pipe.setSize(-1) }
            let file = try Descriptor.open("/dev/null")
            #expect(RawCall.pipeSize(file.rawValue) == -Int64(EBADF))
        }

        @Test func shrinkingBelowTheContentsIsBusy() throws {
            let pipe = try Pipe()
            try pipe.setSize(65536)
            try pipe.writer.writeAll(String(repeating: "x", count: 65536))
            #expect(throws: Errno.resourceBusy) { try pipe.setSize(4096) }
        }

        /// In a child that gives up root, and with it the capability that lifts the limit.
        @Test func aSizePastTheLimitIsNotPermittedToAUser() throws {
            let limit = try Pipe.maximumSize
            let pipe = try Pipe()
            let raw = pipe.writer.rawValue
            let child = try ChildProcess.fork {
                if geteuid() == 0, seteuid(65534) != 0 { return 77 }
                return Int32(-cshims_pipe_set_size(raw, UInt64(limit) * 2))
            }
            let exit = try child.wait()
            #expect(exit == .exited(EPERM))
        }

        @Test func theEndToWriteToOpensAgainAfterTheEndOfTheStream() throws {
            let pipe = try Pipe()
            let place = try pipe.place()
            try pipe.writer.writeAll("x")
            let reader = pipe.takeReader()
            var buffer = [UInt8](repeating: 0, count: 16)
            func read() throws -> Int {
                try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
            }
            #expect(try read() == 1)
            // Its place alone does not keep the stream open.
            #expect(try read() == 0)
            let writer = try Pipe.openWriter(at: place, .packet)
            try writer.writeAll("ab")
            try writer.writeAll("cd")
            #expect(try read() == 2)
            #expect(try read() == 2)
        }

        @Test func theLimitsAreReadable() throws {
            #expect(try Pipe.maximumSize >= 4096)
            #expect(try Pipe.softPagesPerUser >= 0)
            #expect(try Pipe.hardPagesPerUser >= 0)
        }
    }
}
