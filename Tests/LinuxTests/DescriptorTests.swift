// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage
import Testing

extension Kernel {
    @Suite struct DescriptorTests {
        @Test func openReportsThatAFileIsMissing() {
            #expect(throws: Errno.noSuchFileOrDirectory) {
                _ = try Descriptor.open("/no/such/file")
            }
        }

        @Test func directoryOptionRefusesAFile() {
            #expect(throws: Errno.notDirectory) {
                _ = try Descriptor.open("/proc/version", .directory)
            }
        }

        @Test func exclusiveCreateRefusesAFileThatIsThere() throws {
            let path = Support.freshPath("exclusive")
            defer { try? SystemFile.unlink(path) }
            let options: OpenOptions = [.write, .create, .exclusive]
            try Descriptor.open(path, options, mode: 0o600).close()
            #expect(throws: Errno.fileExists) { _ = try Descriptor.open(path, options) }
            #expect(try Descriptor.open(path).facts().permissions == 0o600)
        }

        @Test func truncateOptionEmptiesAndAppendOptionAdds() throws {
            let path = Support.freshPath("append")
            defer { try? SystemFile.unlink(path) }
            try Descriptor.open(path, [.write, .create]).writeAll("old")
            try Descriptor.open(path, [.write, .truncate]).writeAll("a")
            try Descriptor.open(path, [.write, .append]).writeAll("b")
            #expect(try SystemFile.read(path) == "ab")
        }

        @Test func closingTwiceThroughAForeignOwnerIsABadDescriptor() throws {
            let file = try Descriptor.open("/dev/null")
            let other = Descriptor(owning: file.rawValue)
            try other.close()
            #expect(throws: Errno.badFileDescriptor) { try file.readBytes(1) }
            #expect(throws: Errno.badFileDescriptor) { _ = try file.duplicate() }
            #expect(throws: Errno.badFileDescriptor) { try file.facts() }
            #expect(throws: Errno.badFileDescriptor) { try file.filesystem() }
            #expect(throws: Errno.badFileDescriptor) {
                try file.poll(.input, timeoutMilliseconds: 0)
            }
            var reported: Errno?
            do { try file.close() } catch { reported = error }
            #expect(reported == .badFileDescriptor)
        }

        @Test func deinitClosesTheDescriptor() throws {
            let pipe = try Pipe()
            let reader = pipe.takeReader()
            #expect(try reader.readBytes(1) == [], "the writer is closed, so this is the end")
        }

        @Test func aDuplicateOutlivesTheOriginal() throws {
            let file = try Support.temporaryFile()
            let copy = try file.duplicate()
            try file.close()
            try copy.writeAll("kept")
            #expect(try copy.facts().size == 4)
        }

        @Test func positionedReadsAndWritesLeaveThePositionAlone() throws {
            let file = try Support.temporaryFile()
            let memory = try MappedMemory(bytes: 8)
            memory.bytes.copyBytes(from: Array("abcdefgh".utf8))
            #expect(try file.write(UnsafeRawBufferPointer(memory.bytes), at: 100) == 8)
            #expect(try file.read(into: memory.bytes, at: 104) == 4)
            #expect(Array(memory.bytes[..<4]) == Array("efgh".utf8))
            #expect(try file.read(into: memory.bytes, at: 1000) == 0)
            #expect(try file.readAll(limit: 108).count == 108)
            #expect(throws: Errno.invalidArgument) { try file.read(into: memory.bytes, at: -1) }
            #expect(throws: Errno.invalidArgument) {
                try file.write(UnsafeRawBufferPointer(memory.bytes), at: -1)
            }
        }

        @Test func readAllRefusesMoreThanTheLimit() throws {
            let file = try Descriptor.open("/dev/zero")
            #expect(throws: Errno.fileTooLarge) { try file.readAll(limit: 100_000) }
        }

        @Test func truncateAndAllocateChangeTheSize() throws {
            let file = try Support.temporaryFile()
            try file.truncate(to: 10_000)
            #expect(try file.facts().size == 10_000)
            try file.allocate(20_000)
            #expect(try file.facts().size == 20_000)
            #expect(throws: Errno.invalidArgument) { try file.truncate(to: -1) }
            #expect(throws: Errno.invalidArgument) { try file.allocate(0) }
        }

        @Test func syncWorksOnAFileAndIsRefusedOnAPipe() throws {
            let file = try Support.temporaryFile()
            try file.writeAll("x")
            try file.sync()
            try file.syncData()
            try file.dropCache()
            let pipe = try Pipe()
            #expect(throws: Errno.invalidArgument) { try pipe.writer.sync() }
            #expect(throws: Errno.invalidArgument) { try pipe.writer.syncData() }
            #expect(throws: Errno.illegalSeek) { try pipe.reader.dropCache() }
        }

        @Test func aSecondOpenFileCannotTakeTheLock() throws {
            let file = try Support.temporaryFile()
            let again = try Descriptor.open(Support.path(of: file))
            try file.lockExclusively()
            #expect(throws: Errno.wouldBlock) { try again.lockExclusively() }
            try file.close()
            try again.lockExclusively()
        }

        @Test func pollTellsInputOutputAndHangUp() throws {
            let pipe = try Pipe()
            #expect(try pipe.reader.poll(.input, timeoutMilliseconds: 0).isEmpty)
            #expect(try pipe.writer.poll(.output, timeoutMilliseconds: 0) == .output)
            try pipe.writer.writeAll("x")
            #expect(try pipe.reader.poll(.input, timeoutMilliseconds: -1) == .input)
            let reader = pipe.takeReader()
            _ = try reader.readBytes(1)
            #expect(try reader.poll(.input, timeoutMilliseconds: 0) == .hangUp)
        }

        @Test func pollTellsAWriterThatTheReaderIsGone() throws {
            let writer = try Pipe().takeWriter()
            #expect(try writer.poll(.output, timeoutMilliseconds: 0).contains(.error))
        }

        @Test func factsTellKindsApart() throws {
            #expect(try Descriptor.open("/").facts().kind == .directory)
            #expect(try Descriptor.open("/dev/null").facts().kind == .characterDevice)
            #expect(try Pipe().reader.facts().kind == .pipe)
            let file = try Support.temporaryFile()
            #expect(try file.facts().kind == .regular)
            #expect(try file.facts().inode == Descriptor.open(Support.path(of: file)).facts().inode)
        }

        @Test(.enabled(if: Support.hasStrictDirectIO, Support.needsStrictDirectIO))
        func aFileOnADiskKnowsTheLogicalBlockBelow() throws {
            let block = try #require(try Support.temporaryFile().facts().logicalBlockSize)
            #expect([512, 1024, 2048, 4096].contains(block))
        }

        @Test func filesystemNamesWhatItKnows() throws {
            #expect(try Descriptor.open("/proc").filesystem().name == "proc")
            #expect(try Descriptor.open("/sys").filesystem().name == "sysfs")
            let shared = try Descriptor.open("/dev/shm").filesystem()
            #expect(shared.name == "tmpfs")
            #expect(shared.isInMemory)
            #expect(shared.freeBytes <= shared.totalBytes)
            let pipe = try Pipe().reader.filesystem()
            #expect(pipe.name == "0x50495045", "a pipe's magic spells PIPE")
        }

        @Test(.enabled(if: SystemFile.exists("/dev/full"), "needs /dev/full"))
        func aFullDeviceIsReported() throws {
            let full = try Descriptor.open("/dev/full", .write)
            #expect(throws: Errno.noSpace) { try full.writeAll("x") }
        }
    }
}
