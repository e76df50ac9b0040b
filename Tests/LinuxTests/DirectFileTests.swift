// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage
import Testing

extension Kernel {
    @Suite struct DirectFileTests {
        @Test(.enabled(if: Support.hasStrictDirectIO, Support.needsStrictDirectIO))
        func alignedReadsWorkAndMisalignedOnesAreRefused() throws {
            let file = try Support.temporaryFile()
            try file.writeAll([UInt8](repeating: 5, count: 16384))
            let direct = try DirectFile(Support.path(of: file), .readWrite)
            #expect(direct.size == 16384)
            #expect(direct.alignmentSource != .assumed)
            let unit = direct.alignment
            let memory = try MappedMemory(bytes: 2 * unit)
            let one = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<unit])
            #expect(try direct.descriptor.read(into: one, at: unit) == unit)
            #expect(one.allSatisfy { $0 == 5 })
            #expect(try direct.descriptor.write(UnsafeRawBufferPointer(one), at: 0) == unit)
            #expect(throws: Errno.invalidArgument, "the offset") {
                try direct.descriptor.read(into: one, at: 1)
            }
            #expect(throws: Errno.invalidArgument, "the length") {
                try direct.descriptor.read(into: .init(rebasing: one[..<100]), at: 0)
            }
            #expect(throws: Errno.invalidArgument, "the offset of a write") {
                try direct.descriptor.write(UnsafeRawBufferPointer(one), at: 1)
            }
        }

        /// `memoryAlignment` is what is promised; some drivers serve a worse address as well.
        @Test(.enabled(if: Support.hasStrictDirectIO, Support.needsStrictDirectIO))
        func aMisalignedAddressIsRefusedOrServedRight() throws {
            let file = try Support.temporaryFile()
            try file.writeAll([UInt8](repeating: 5, count: 16384))
            let direct = try DirectFile(Support.path(of: file))
            let memory = try MappedMemory(bytes: 2 * direct.alignment)
            let shifted = UnsafeMutableRawBufferPointer(
                rebasing: memory.bytes[1..<(direct.alignment + 1)])
            do throws(Errno) {
                let count = try direct.descriptor.read(into: shifted, at: 0)
                #expect(count == direct.alignment)
                #expect(shifted.allSatisfy { $0 == 5 })
            } catch {
                #expect(error == .invalidArgument)
            }
        }

        /// tmpfs has had direct I/O of a kind since Linux 6.6; before, opening is refused.
        @Test func tmpfsTakesDirectIOSinceLinux6_6() throws {
            let file = try Support.temporaryFile(in: "/dev/shm")
            let path = Support.path(of: file)
            if try Support.hasKernel(atLeast: 6, 6) {
                let direct = try DirectFile(path, .readWrite)
                let memory = try MappedMemory(bytes: 4096)
                let all = UnsafeRawBufferPointer(memory.bytes)
                #expect(try direct.descriptor.write(all, at: 0) == 4096)
            } else {
                #expect(throws: Errno.invalidArgument) { _ = try DirectFile(path, .readWrite) }
            }
        }

        @Test func withoutADeviceBelowTheAlignmentIsAssumed() throws {
            let file = try Descriptor.open("/dev/shm", [.readWrite, .temporary])
            guard let direct = try? DirectFile(Support.path(of: file)) else { return }
            let reported = try file.facts().directOffsetAlignment > 0
            #expect(direct.alignmentSource == (reported ? .statx : .assumed))
            if !reported { #expect(direct.alignment == 512) }
        }

        @Test func aPipeOrProcFileHasNoDirectIO() {
            #expect(throws: Errno.invalidArgument) { _ = try DirectFile("/proc/version") }
            #expect(throws: Errno.noSuchFileOrDirectory) { _ = try DirectFile("/no/such") }
        }
    }
}
