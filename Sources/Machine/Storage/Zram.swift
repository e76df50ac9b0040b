// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// Compressed block devices in memory (Documentation/admin-guide/blockdev/zram.rst).
///
/// A page that was never written reads as zeros without any decompression: whoever measures
/// writes incompressible data first.
public enum Zram {
    private static let control = "/sys/class/zram-control"

    /// Whether this kernel can make such devices now.
    public static func isAvailable(in tree: SystemTree = .live) -> Bool {
        tree.exists("\(control)/hot_add")
    }

    /// Makes a device of this size and returns its number.
    ///
    /// The kernel chooses the number, so the record follows the making; a device between the two
    /// has no size and takes no memory.
    ///
    /// - Throws: `failure` without zram in the kernel or without root.
    public static func create(size: Int, changes: ChangeStack) throws(PlumblineError) -> Int {
        if !isAvailable() { _ = try KernelModule.load("zram", pulse: changes.pulse) }
        guard isAvailable() else {
            throw .failure(
                "this kernel has no zram",
                remedy: "load the module (modprobe zram; Debian: apt-get install kmod), "
                    + "or use a kernel with CONFIG_ZRAM")
        }
        let number = try attempting("cannot make a zram device", remedy: "run as root") {
            () throws(Errno) in
            try SystemFile.readInteger("\(control)/hot_add")
        }
        try changes.make(.removeZram(number: number)) { () throws(PlumblineError) in
            try attempting("cannot set the size of /dev/zram\(number) to \(ByteSize(size))") {
                () throws(Errno) in
                try SystemFile.write("\(size)", to: "/sys/block/zram\(number)/disksize")
            }
            try BlockDevice.await("/dev/zram\(number)", pulse: changes.pulse)
        }
        return number
    }

    /// Makes a device of this size and swaps to it before anything else.
    ///
    /// - Returns: the device's path.
    /// - Throws: `failure` without zram, mkswap or root.
    @discardableResult
    public static func startSwap(size: Int, changes: ChangeStack) throws(PlumblineError) -> String {
        let device = "/dev/zram\(try create(size: size, changes: changes))"
        try MakeFileSystem.run(
            MakeFileSystem.swapArguments(device), package: "util-linux", pulse: changes.pulse)
        try changes.make(.swapOff(path: device)) { () throws(PlumblineError) in
            try attempting("cannot swap to \(device)", remedy: "run as root") {
                () throws(Errno) in
                try Swap.start(device, priority: 32767)
            }
        }
        return device
    }

    /// Takes a device away.
    static func remove(_ number: Int, pulse: () -> Void = {}) -> UndoOutcome {
        guard SystemFile.exists("/sys/block/zram\(number)") else { return .alreadyGone }
        // Freeing gigabytes of compressed pages takes seconds.
        return Undo.patientOutcome(pulse) { () throws(Errno) in
            try SystemFile.write("\(number)", to: "\(control)/hot_remove")
        }
    }

    /// The compression in use: the word in brackets in `comp_algorithm`.
    static func algorithm(_ number: Int, in tree: SystemTree = .live) -> String? {
        tree.read("/sys/block/zram\(number)/comp_algorithm")?.words
            .first { $0.hasPrefix("[") }.map { String($0.dropFirst().dropLast()) }
    }
}
