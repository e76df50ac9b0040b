// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// Refuses to write to a block device that is in use.
public enum DestructiveGuard {
    /// Refuses a device that is mounted, used as swap, held, or has a partition table.
    ///
    /// - Returns: warnings: the file system that is overwritten.
    /// - Throws: `usage` with the device's use; `failure` when it cannot be opened.
    public static func check(
        _ device: BlockDevice, in tree: SystemTree = .live
    ) throws(PlumblineError) -> [String] {
        try checkUse(device, in: tree)
        let head: [UInt8]
        do {
            // An exclusive open of a block device fails while the kernel uses it.
            let file = try Descriptor.open(device.path, [.readWrite, .exclusive])
            head = try read(file, bytes: 68 << 10)
        } catch .resourceBusy {
            throw refusal(device.path, "is in use by the kernel")
        } catch {
            throw .failure(
                "cannot open \(device.path) for writing: \(error)",
                remedy: openingRemedy(error))
        }
        if let table = partitionTable(in: head) {
            throw refusal(device.path, "has a partition table (\(table))")
        }
        return signature(in: head).map { ["\(device.path) contains \($0), which is overwritten"] }
            ?? []
    }

    /// How to fix that a device cannot be opened.
    static func openingRemedy(
        _ error: Errno, isRoot: Bool = ChildProcess.userID == 0
    ) -> String {
        switch error {
        case .permissionDenied, .notPermitted:
            isRoot
                ? "the device is read-only, or this container's device rules forbid it: give "
                    + "another device" : "run as root"
        case .resourceBusy: "it is mounted or held: unmount it, or give another device"
        case .readOnlyFileSystem: "it is read-only: give another device"
        default: "give another device; lsblk lists them"
        }
    }

    /// The checks that need no access to the device.
    static func checkUse(
        _ device: BlockDevice, in tree: SystemTree
    ) throws(PlumblineError) {
        if let mount = device.mounts(in: tree).first {
            throw refusal(device.path, "is mounted on \(mount)")
        }
        if device.isSwap(in: tree) { throw refusal(device.path, "is used as swap") }
        if let holder = device.holders(in: tree).first {
            throw refusal(device.path, "is held by \(holder)")
        }
        let partitions = device.partitions(in: tree)
        if !partitions.isEmpty {
            throw refusal(
                device.path, "has partitions (\(partitions.joined(separator: ", ")))")
        }
    }

    private static func refusal(_ path: String, _ why: String) -> PlumblineError {
        .usage(
            "refusing to write to \(path): it \(why)",
            remedy: "give a device that is not in use; no flag overrides this")
    }

    private static func read(
        _ file: borrowing Descriptor, bytes: Int
    ) throws(Errno) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 4096)
        defer { buffer.deallocate() }
        return Array(buffer[..<(try file.read(into: buffer, at: 0))])
    }

    /// The kind of partition table in a device's first bytes; nil for none.
    ///
    /// A boot sector without partitions (FAT) ends in the same mark as an MBR and counts as one.
    static func partitionTable(in head: [UInt8]) -> String? {
        // GPT's header is in the second logical block, of 512 or 4096 bytes.
        if holds("EFI PART", at: 512, in: head) || holds("EFI PART", at: 4096, in: head) {
            return "GPT"
        }
        return head.count >= 512 && head[510] == 0x55 && head[511] == 0xaa ? "MBR" : nil
    }

    /// The file system or container in a device's first bytes; nil for an unknown one.
    static func signature(in head: [UInt8]) -> String? {
        if head.count > 1081, head[1080] == 0x53, head[1081] == 0xef {
            return "an ext2, ext3 or ext4 file system"
        }
        return signatures.first { holds($0.mark, at: $0.offset, in: head) }?.name
    }

    private static let signatures: [(offset: Int, mark: String, name: String)] = [
        (0, "XFSB", "an XFS file system"), (65600, "_BHRfS_M", "a Btrfs file system"),
        (4086, "SWAPSPACE2", "swap space"), (0, "LUKS", "an encrypted (LUKS) volume"),
        (512, "LABELONE", "an LVM physical volume"),
    ]

    private static func holds(_ mark: String, at offset: Int, in head: [UInt8]) -> Bool {
        let end = offset + mark.utf8.count
        return head.count >= end && head[offset..<end].elementsEqual(mark.utf8)
    }
}
