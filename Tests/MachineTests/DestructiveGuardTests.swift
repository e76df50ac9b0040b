// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Testing

@testable import Machine

@Suite struct DestructiveGuardTests {
    private let device = BlockDevice(path: "/dev/none-x", numbers: "8:16", size: 1 << 30)

    private func refusal(_ scratch: Scratch) -> String? {
        failure { () throws(PlumblineError) in
            try DestructiveGuard.checkUse(device, in: SystemTree(root: scratch.path))
        }?.message
    }

    @Test func eachUseIsNamed() throws {
        let scratch = try Scratch()
        #expect(refusal(scratch) == nil)
        try scratch.file("sys/dev/block/8:16/none-x1/partition", "1\n")
        #expect(refusal(scratch)?.hasSuffix("it has partitions (none-x1)") == true)
        try scratch.file("sys/dev/block/8:16/holders/dm-0", "")
        #expect(refusal(scratch)?.hasSuffix("it is held by dm-0") == true)
        try scratch.file(
            "proc/swaps", "Filename Type Size Used Priority\n/dev/none-x partition 9 0 -2\n")
        #expect(refusal(scratch)?.hasSuffix("it is used as swap") == true)
        try scratch.file(
            "proc/self/mountinfo", "30 1 8:16 / /mnt/a\\040b rw - ext4 /dev/other rw\n")
        #expect(refusal(scratch)?.hasSuffix("it is mounted on /mnt/a b") == true)
        // Btrfs mounts have a number of their own: the source tells.
        try scratch.file(
            "proc/self/mountinfo", "30 1 0:55 / /data rw - btrfs /dev/none-x rw\n")
        #expect(refusal(scratch)?.hasSuffix("it is mounted on /data") == true)
    }

    @Test func whatIsNoBlockDeviceIsRefused() throws {
        let scratch = try Scratch()
        for (path, why) in [
            ("/nowhere", "does not exist"), (try scratch.file("f"), "is not a block device"),
            ("/dev/null", "is not a block device"), (scratch.path, "is not a block device"),
        ] {
            let error = failure { () throws(PlumblineError) in
                try DestructiveGuard.check(BlockDevice(path: path))
            }
            #expect(error?.kind == .usage && error?.message == "\(path) \(why)")
        }
    }

    @Test func tablesAndFileSystemsAreKnownByTheirMarks() {
        func head(_ marks: [(Int, String)]) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: 68 << 10)
            for (offset, mark) in marks {
                for (index, byte) in mark.unicodeScalars.enumerated() {
                    bytes[offset + index] = UInt8(byte.value)
                }
            }
            return bytes
        }
        #expect(DestructiveGuard.partitionTable(in: head([])) == nil)
        #expect(DestructiveGuard.partitionTable(in: []) == nil)
        #expect(DestructiveGuard.partitionTable(in: head([(510, "\u{55}\u{aa}")])) == "MBR")
        #expect(DestructiveGuard.partitionTable(in: head([(4096, "EFI PART")])) == "GPT")
        #expect(DestructiveGuard.signature(in: head([])) == nil)
        #expect(DestructiveGuard.signature(in: head([(0, "XFSB")])) == "an XFS file system")
        #expect(
            DestructiveGuard.signature(in: head([(1080, "\u{53}\u{ef}")]))?.contains("ext4") == true
        )
        #expect(
            DestructiveGuard.signature(in: head([(65600, "_BHRfS_M")]))?.contains("Btrfs") == true)
        #expect(DestructiveGuard.signature(in: head([(4086, "SWAPSPACE2")])) == "swap space")
    }
}
