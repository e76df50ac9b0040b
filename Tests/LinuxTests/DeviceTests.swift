// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Linux
import SystemPackage
import Testing

extension Kernel {
    @Suite struct DeviceTests {
        @Test(
            .enabled(if: Support.hasLoop, Support.needsLoop), arguments: [512, 4096])
        func aLoopDeviceShowsTheFileWithItsBlocks(block: Int) throws {
            let file = try Support.temporaryFile()
            try file.truncate(to: 1 << 20)
            let loop = try LoopDevice(backing: file, blockBytes: block)
            let path = loop.path
            do {
                let direct = try DirectFile(path, [.readWrite, .exclusive])
                let facts = try direct.descriptor.facts()
                #expect(facts.kind == .blockDevice)
                #expect(facts.logicalBlockSize == block)
                #expect(direct.size == 1 << 20)
                #expect(direct.alignment == block)
                let memory = try MappedMemory(bytes: block)
                memory.bytes.initializeMemory(as: UInt8.self, repeating: 9)
                let all = UnsafeRawBufferPointer(memory.bytes)
                #expect(try direct.descriptor.write(all, at: block) == block)
                try direct.descriptor.sync()
                #expect(try file.read(into: memory.bytes, at: block) == block)
                #expect(memory.bytes.allSatisfy { $0 == 9 })
            }
            try loop.detach()
            #expect(!SystemFile.exists("/sys/block/\(path.dropFirst(5))/loop/backing_file"))
        }

        @Test(.enabled(if: Support.hasLoop, Support.needsLoop))
        func aLoopDeviceOverNonsenseIsRefused() throws {
            let pipe = try Pipe()
            #expect(throws: Errno.invalidArgument) { _ = try LoopDevice(backing: pipe.reader) }
            let file = try Support.temporaryFile()
            #expect(throws: Errno.invalidArgument) {
                _ = try LoopDevice(backing: file, blockBytes: 777)
            }
        }

        @Test(.enabled(if: Support.isAdministrator, Support.needsAdministrator))
        func aFileSystemIsMountedAndUnmounted() throws {
            let path = Support.freshPath("mount")
            try SystemFile.makeDirectory(path)
            defer { try? SystemFile.removeDirectory(path) }
            try Mount.mount("none", on: path, type: "tmpfs", options: "size=64k")
            do {
                let root = try Descriptor.open(path)
                #expect(try root.filesystem().name == "tmpfs")
                #expect(try root.filesystem().totalBytes == 64 << 10)
                #expect(throws: Errno.resourceBusy) { try Mount.unmount(path) }
            }
            try Mount.unmount(path)
            #expect(throws: Errno.invalidArgument) { try Mount.unmount(path) }
        }

        @Test(.enabled(if: Support.isAdministrator, Support.needsAdministrator))
        func aMountThatCannotBeIsRefused() {
            #expect(throws: Errno.noSuchFileOrDirectory) {
                try Mount.mount("none", on: "/no/such/place", type: "tmpfs")
            }
            #expect(throws: Errno(rawValue: ENODEV)) {
                try Mount.mount("none", on: "/tmp", type: "no-such-type")
            }
        }

        @Test func aUserMayNotMountSwapOrSetUpLoops() throws {
            let child = try ChildProcess.fork {
                if geteuid() == 0, seteuid(65534) != 0 { return 2 }
                let refusals: [Errno?] = [
                    failure { () throws(Errno) in
                        try Mount.mount("none", on: "/tmp", type: "tmpfs")
                    },
                    failure { () throws(Errno) in try Mount.unmount("/proc") },
                    failure { () throws(Errno) in try Swap.start("/dev/null") },
                    failure { () throws(Errno) in try Swap.stop("/dev/null") },
                ]
                return refusals.allSatisfy { $0 == .notPermitted } ? 0 : 1
            }
            #expect(try child.wait() == .exited(0))
        }

        @Test(.enabled(if: Support.isAdministrator, Support.needsAdministrator))
        func swappingToWhatIsNotPreparedIsRefused() throws {
            let path = Support.freshPath("swap")
            defer { try? SystemFile.unlink(path) }
            try Descriptor.open(path, [.write, .create], mode: 0o600).writeAll(
                [UInt8](repeating: 0, count: 1 << 20))
            #expect(throws: Errno.invalidArgument) { try Swap.start(path) }
            #expect(throws: Errno.invalidArgument) { try Swap.stop(path) }
        }

        @Test(
            .enabled(if: Support.isAdministrator, Support.needsAdministrator),
            .enabled(if: Support.hasStrictDirectIO, Support.needsStrictDirectIO),
            .enabled(if: SystemFile.exists("/sbin/mkswap"), "needs mkswap"),
            .enabled(if: SystemFile.exists("/proc/swaps"), "needs a kernel with swap"))
        func aPreparedFileIsSwappedToAndLetGo() throws {
            let path = Support.freshPath("swap")
            defer { try? SystemFile.unlink(path) }
            try Descriptor.open(path, [.write, .create], mode: 0o600).writeAll(
                [UInt8](repeating: 0, count: 1 << 20))
            try #require(try Command.run(["/sbin/mkswap", path]).succeeded)
            try Swap.start(path, priority: 0)
            let lines = try SystemFile.read("/proc/swaps").split(separator: "\n")
            #expect(lines.contains { $0.hasPrefix(path) })
            #expect(throws: Errno.resourceBusy) { try Swap.start(path) }
            try Swap.stop(path)
        }
    }
}

/// What a call throws; nil when it does not.
private func failure(_ body: () throws(Errno) -> Void) -> Errno? {
    do throws(Errno) {
        try body()
        return nil
    } catch {
        return error
    }
}
