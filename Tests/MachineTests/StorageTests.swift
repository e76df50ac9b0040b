// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Testing

@testable import Machine

@Suite struct StorageSpecTests {
    @Test(arguments: StorageSpec.names.dropLast())
    func everyNameOfTheHelpTextIsRead(name: String) throws {
        #expect(try StorageSpec(text: name, size: 1).text == name)
    }

    @Test(arguments: [
        "zram:btrfs", "zramm", "directory:ext4", "device:", "device:sdb", "null_blk:btrfs",
        "virtio:", "",
        "loop:ext4:x",
    ])
    func anythingElseIsRefusedWithTheNames(name: String) {
        let error = failure { () throws(PlumblineError) in try StorageSpec(text: name, size: 1) }
        #expect(error?.kind == .usage)
        #expect(error?.message.contains("zram:ext4") == true)
    }

    @Test func writingToAGivenDeviceNeedsPermission() throws {
        let error = failure { () throws(PlumblineError) in
            try StorageSpec(text: "device:/dev/sdb", size: 1, writes: true)
        }
        #expect(error?.kind == .usage)
        #expect(error?.remedy.contains("--allow-destructive") == true)
        #expect(try StorageSpec(text: "device:/dev/sdb", size: 1).device == "/dev/sdb")
    }

    @Test func programsAreToldWhatTheyNeed() {
        #expect(
            FileSystem.ext4.arguments(device: "/dev/x") == [
                "mkfs.ext4", "-q", "-F", "-m", "0", "-E",
                "lazy_itable_init=0,lazy_journal_init=0,nodiscard", "/dev/x",
            ])
        #expect(
            FileSystem.xfs.arguments(device: "/dev/x")
                == ["mkfs.xfs", "-q", "-f", "-K", "/dev/x"])
        #expect(
            KernelModule.loadArguments("brd", RAMDiskStorage.parameters(size: 4097))
                == ["modprobe", "-q", "brd", "rd_nr=1", "rd_size=5", "max_part=0"])
    }

    @Test func nullBlockIsPoweredOnLast() throws {
        func steps(_ spec: StorageSpec) -> [String] {
            NullBlockStorage.configuration(spec).map { "\($0.file)=\($0.value)" }
        }
        let plain = try StorageSpec(text: "null_blk", size: (3 << 20) + 1, interruptMode: 2)
        #expect(
            steps(plain) == [
                "size=4", "blocksize=512", "memory_backed=1", "hw_queue_depth=1024", "irqmode=2",
                "power=1",
            ])
        let soft = try StorageSpec(text: "null_blk", size: 1 << 20, interruptMode: 1)
        #expect(steps(soft).suffix(3) == ["irqmode=1", "poll_queues=0", "power=1"])
        let late = try StorageSpec(
            text: "null_blk", size: 1 << 20, interruptMode: 2, completionDelay: 300_000,
            isMemoryBacked: false)
        #expect(
            steps(late).suffix(5) == [
                "memory_backed=0", "hw_queue_depth=1024", "irqmode=2", "completion_nsec=300000",
                "power=1",
            ])
    }

    @Test func requestsInFlightAreReadFromSysfsAndSummed() throws {
        let scratch = try Scratch()
        let tree = SystemTree(root: scratch.path)
        #expect(InFlight(device: "/dev/nullb0", in: tree) == nil)
        try scratch.file("sys/class/block/nullb0/inflight", "     121        7\n")
        var count = try #require(InFlight(device: "/dev/nullb0", in: tree))
        #expect(count.counters == nil)
        count.read()
        count.read()
        #expect(count.counters == ["in_flight": 256, "readings": 2])
        count.begin()
        #expect(count.counters == nil)
    }

    @Test func eachStorageSaysWhereItsRequestsComplete() throws {
        let expected: [(String, Int, StorageSpec.Completion?)] = [
            ("zram:ext4", 0, .inline), ("brd", 0, .inline), ("null_blk:ext4", 0, .inline),
            ("null_blk", 1, .softirq), ("null_blk:xfs", 2, .interrupt),
            ("virtio:ext4", 0, .interrupt), ("loop", 0, nil), ("directory", 0, nil),
            ("device:/dev/sdx", 0, nil),
        ]
        for (text, mode, completion) in expected {
            let spec = try StorageSpec(text: text, size: 1 << 20, interruptMode: mode)
            #expect(spec.completion == completion, "\(text)")
        }
    }

    @Test func driversAreFoundWhereTheKernelShowsThem() throws {
        let scratch = try Scratch()
        let tree = SystemTree(root: scratch.path)
        #expect(!NullBlockStorage.isAvailable(in: tree) && !Zram.isAvailable(in: tree))
        #expect(RAMDiskStorage.names(in: tree).isEmpty)
        try scratch.file("sys/kernel/config/nullb/features", "size")
        try scratch.file("sys/class/zram-control/hot_add", "0")
        for name in ["ram0", "ram1", "ramx", "sda"] { try scratch.file("sys/block/\(name)/size") }
        #expect(NullBlockStorage.isAvailable(in: tree) && Zram.isAvailable(in: tree))
        #expect(RAMDiskStorage.names(in: tree) == ["ram0", "ram1"])
    }

    @Test func aDirectoryThatCannotServeIsRefused() throws {
        let scratch = try Scratch()
        let undoLog = try UndoLog(directory: scratch.path)
        let file = try scratch.file("file")
        let cases = [
            ("/nowhere", 1, "directory /nowhere does not exist"),
            (file, 1, "\(file) is not a directory"),
        ]
        for (directory, size, message) in cases {
            let error = failure { () throws(PlumblineError) in
                try StorageSpec(text: "directory", size: size, directory: directory)
                    .prepare(undoLog: undoLog)
            }
            #expect(error?.kind == .usage && error?.message == message)
        }
        let full = failure { () throws(PlumblineError) in
            try StorageSpec(text: "directory", size: 1 << 60, directory: scratch.path)
                .prepare(undoLog: undoLog)
        }
        #expect(full?.kind == .usage && full?.message.contains("free") == true)
        #expect(undoLog.pending.isEmpty)
    }

    @Test func aDirectoryOfOurOwnInTheUsersIsRemovedWithItsFiles() throws {
        let scratch = try Scratch()
        let undoLog = try UndoLog(directory: scratch.path)
        let storage = try StorageSpec(text: "directory", size: 1, directory: scratch.path)
            .prepare(undoLog: undoLog)
        let directory = try #require(storage.directory)
        _ = try Descriptor.open("\(directory)/data", [.write, .create])
        #expect(storage.device == nil)
        #expect(storage.remove().isEmpty)
        #expect(storage.remove().isEmpty)
        #expect(try SystemFile.list(scratch.path).isEmpty)
    }

    @Test func moreMemoryThanCanBeSparedIsRefused() throws {
        let scratch = try Scratch()
        let undoLog = try UndoLog(directory: scratch.path)
        for name in ["zram", "loop:ext4", "brd:xfs", "null_blk"] {
            let error = failure { () throws(PlumblineError) in
                try StorageSpec(text: name, size: 1 << 50).prepare(undoLog: undoLog)
            }
            #expect(error?.kind == .usage && error?.remedy == "lower size", "\(name)")
        }
    }
}

@Suite(.serialized, .enabled(if: ThisMachine.isRoot, "making devices needs root"))
struct StorageOnThisMachineTests {
    private func use(_ text: String, size: Int = 32 << 20) throws {
        let scratch = try Scratch()
        let undoLog = try UndoLog(directory: scratch.path)
        let storage = try StorageSpec(text: text, size: size).prepare(undoLog: undoLog)
        let device = try #require(storage.device)
        #expect(try BlockDevice(path: device).size >= size)
        if let directory = storage.directory {
            let mount = MountPoint.all().last { $0.path == directory }
            #expect(mount?.type == storage.fileSystem)
            let file = try Descriptor.open("\(directory)/data", [.readWrite, .create, .direct])
            try file.allocate(size)
        } else {
            #expect(storage.fileSystem == "none")
            _ = try Descriptor.open(device, [.readWrite, .direct])
        }
        #expect(storage.remove() == [])
        #expect(!MountPoint.all().contains { $0.path.hasPrefix(scratch.path) })
        #expect(try SystemFile.list(scratch.path) == [])
        #expect((try? BlockDevice(path: device).size) ?? 0 == 0)
    }

    @Test(
        .enabled(if: ThisMachine.hasZram, "this kernel has no zram"),
        .enabled(if: ThisMachine.hasFileSystem(.ext4), "no ext4 or no mkfs.ext4"))
    func ext4OnZramHoldsTheFilesAndGoes() throws { try use("zram:ext4") }

    @Test(
        .enabled(if: ThisMachine.hasZram, "this kernel has no zram"),
        .enabled(if: ThisMachine.hasFileSystem(.xfs), "no XFS or no mkfs.xfs"))
    func xfsOnZramHoldsTheFilesAndGoes() throws { try use("zram:xfs", size: 400 << 20) }

    @Test(.enabled(if: ThisMachine.hasZram, "this kernel has no zram"))
    func rawZramGoes() throws { try use("zram") }

    @Test(
        .enabled(if: ThisMachine.hasLoop, "this kernel has no loop devices"),
        .enabled(if: ThisMachine.hasFileSystem(.ext4), "no ext4 or no mkfs.ext4"))
    func ext4OnLoopHoldsTheFilesAndGoes() throws { try use("loop:ext4") }

    @Test(
        .enabled(if: ThisMachine.hasLoop, "this kernel has no loop devices"),
        .enabled(if: ThisMachine.hasFileSystem(.xfs), "no XFS or no mkfs.xfs"))
    func xfsOnLoopHoldsTheFilesAndGoes() throws { try use("loop:xfs") }

    @Test(.enabled(if: ThisMachine.hasLoop, "this kernel has no loop devices"))
    func rawLoopGoes() throws { try use("loop") }

    @Test(
        .enabled(if: !SystemFile.exists("/sys/module/brd"), "this kernel has brd"),
        .enabled(if: !SystemFile.exists("/sys/module/null_blk"), "this kernel has null_blk"))
    func driversThatAreMissingAreNamedAndLeaveNothing() throws {
        let scratch = try Scratch()
        let undoLog = try UndoLog(directory: scratch.path)
        for (text, option) in [
            ("brd:ext4", "CONFIG_BLK_DEV_RAM"), ("null_blk", "CONFIG_BLK_DEV_NULL_BLK"),
        ] {
            let error = failure { () throws(PlumblineError) in
                try StorageSpec(text: text, size: 1 << 20).prepare(undoLog: undoLog)
            }
            #expect(error?.kind == .failure && error?.remedy.contains(option) == true)
        }
        #expect(undoLog.pending.isEmpty)
        #expect(try SystemFile.list(scratch.path) == [])
    }

    @Test(.enabled(if: ThisMachine.hasZram, "this kernel has no zram"))
    func aDeviceThatHoldsSomethingIsNotWrittenTo() throws {
        let scratch = try Scratch()
        let undoLog = try UndoLog(directory: scratch.path)
        let storage = try StorageSpec(text: "zram", size: 8 << 20).prepare(undoLog: undoLog)
        defer { storage.remove() }
        let path = try #require(storage.device)
        func check() throws(PlumblineError) -> PreparedStorage {
            try StorageSpec(
                text: "device:\(path)", size: 4096, writes: true, allowDestructive: true
            ).prepare(undoLog: undoLog)
        }
        #expect(failure(of: check) == nil)
        try write([0x55, 0xaa], at: 510, to: path)
        #expect(failure(of: check)?.message.contains("partition table (MBR)") == true)
        try write([0, 0], at: 510, to: path)
        try write(Array("EFI PART".utf8), at: 512, to: path)
        #expect(failure(of: check)?.message.contains("partition table (GPT)") == true)
        try write([UInt8](repeating: 0, count: 8), at: 512, to: path)
        let held = try Descriptor.open(path, [.readWrite, .exclusive])
        #expect(failure(of: check)?.message.contains("in use by the kernel") == true)
        try held.close()
        try HelperProgram.require(["mkswap", path], package: "util-linux")
        #expect(try check().warnings == ["\(path) contains swap space, which is overwritten"])
        try Swap.start(path)
        #expect(failure(of: check)?.message.contains("is used as swap") == true)
        try Swap.stop(path)
    }

    private func write(_ bytes: [UInt8], at offset: Int, to path: String) throws {
        let file = try Descriptor.open(path, .readWrite)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: bytes)
        _ = try file.write(UnsafeRawBufferPointer(buffer), at: offset)
        try file.sync()
    }

    /// The block device below `/`; none in a container or a chroot.
    private static let rootDevice: String? = MountPoint.all().last { $0.path == "/" }
        .map(\.source).flatMap { $0.hasPrefix("/dev/") && SystemFile.exists($0) ? $0 : nil }

    @Test(.enabled(if: rootDevice != nil, "the root directory is on no block device that is seen"))
    func theMachinesOwnDiskIsRefusedWhateverFlagIsGiven() throws {
        let device = try #require(Self.rootDevice)
        let error = failure { () throws(PlumblineError) in
            try DestructiveGuard.check(BlockDevice(path: device))
        }
        #expect(error?.message == "refusing to write to \(device): it is mounted on /")
        #expect(error?.kind == .usage)
    }
}
