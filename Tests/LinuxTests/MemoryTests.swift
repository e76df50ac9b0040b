// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage
import Testing

extension Kernel {
    @Suite struct MemoryTests {
        @Test func aMappingIsAlignedZeroedAndWritable() throws {
            let memory = try MappedMemory(bytes: 10_000)
            #expect(memory.bytes.count == 10_000)
            #expect(Int(bitPattern: memory.bytes.baseAddress) % MappedMemory.pageSize == 0)
            #expect(memory.bytes.allSatisfy { $0 == 0 })
            memory.bytes[9_999] = 7
            memory.touch()
            #expect(memory.bytes[9_999] == 7)
        }

        @Test func touchFaultsThePagesIn() throws {
            let before = try ResourceUsage.ofCurrentThread()
            let memory = try MappedMemory(bytes: 64 * MappedMemory.pageSize)
            memory.touch()
            let after = try ResourceUsage.ofCurrentThread()
            #expect(after.minorFaults > before.minorFaults)
        }

        @Test func lengthsThatCannotBeAreRefused() {
            #expect(throws: Errno.invalidArgument) { _ = try MappedMemory(bytes: 0) }
            #expect(throws: Errno.noMemory) { _ = try MappedMemory(bytes: 1 << 60) }
        }

        @Test func aPageCanBeLocked() throws {
            let memory = try MappedMemory(bytes: MappedMemory.pageSize)
            try memory.lock()
        }

        /// In a child, for it is for good. The child of a child is free again.
        @Test func aProcessLocksWhatItTouchesOrMayNot() throws {
            let child = try ChildProcess.fork {
                do throws(Errno) { try ProcessMemory.lock() } catch {
                    return error == .notPermitted ? 2 : 1
                }
                guard let memory = try? MappedMemory(bytes: 64 * MappedMemory.pageSize) else {
                    return 3
                }
                memory.touch()
                let locked = (try? lockedKilobytes()) ?? 0
                let grandchild = try? ChildProcess.fork {
                    (try? lockedKilobytes()) == 0 ? 0 : 1
                }
                guard locked >= 256, (try? grandchild?.wait()) == .exited(0) else { return 4 }
                return 0
            }
            let end = try child.wait()
            #expect(end == .exited(0) || end == .exited(2))
        }

        private func lockedKilobytes() throws -> Int {
            let status = try SystemFile.read("/proc/self/status")
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmLck:") })
            return try #require(Int(line.split(whereSeparator: { $0 == " " || $0 == "\t" })[1]))
        }

        @Test func aChildWritesToSharedMemoryOnly() throws {
            let shared = try MappedMemory(bytes: 1, shared: true)
            let own = try MappedMemory(bytes: 1)
            let (there, here) = (shared.bytes, own.bytes)
            let child = try ChildProcess.fork {
                there[0] = 1
                here[0] = 1
                return 0
            }
            #expect(try child.wait() == .exited(0))
            #expect(shared.bytes[0] == 1)
            #expect(own.bytes[0] == 0)
        }

        @Test func theHeapGrowsWithAnAllocation() {
            let block = UnsafeMutableRawPointer.allocate(byteCount: 64 << 20, alignment: 16)
            #expect(ProcessMemory.heapBytes >= 64 << 20)
            block.deallocate()
        }
    }
}
