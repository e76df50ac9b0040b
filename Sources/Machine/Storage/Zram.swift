// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// Compressed block devices in memory (Documentation/admin-guide/blockdev/zram.rst).
///
/// A page that was never written reads as zeros without any decompression: a benchmark writes
/// incompressible data first.
public enum Zram: DeviceStorage {
    private static let control = "/sys/class/zram-control"

    /// Whether this kernel can make such devices now.
    static func isAvailable(in tree: SystemTree = .live) -> Bool {
        tree.exists("\(control)/hot_add")
    }

    static func makeDevice(
        _ spec: StorageSpec, changes: ChangeStack
    ) throws(PlumblineError) -> String {
        try create(size: spec.deviceSize, changes: changes)
    }

    static func plannedDevice(_ spec: StorageSpec, in tree: SystemTree) -> [PlannedChange] {
        planned(size: spec.deviceSize, in: tree)
    }

    private static func planned(size: Int, in tree: SystemTree) -> [PlannedChange] {
        (isAvailable(in: tree) ? [] : [KernelModule.plannedLoad("zram")]) + [
            PlannedChange("make a zram device of \(ByteSize(size))", undo: .removeZram)
        ]
    }

    /// The changes that `startSwap` would make, in its order.
    public static func plannedSwap(
        size: Int, in tree: SystemTree = .live
    ) -> [PlannedChange] {
        planned(size: size, in: tree) + [
            PlannedChange("run mkswap DEVICE"),
            PlannedChange("swap to it before any other swap area", undo: .swapOff),
        ]
    }

    /// Makes a device of this many bytes and returns its path.
    ///
    /// The kernel chooses the number, so that the device is recorded after it is made; until then
    /// it has no size and takes no memory.
    ///
    /// - Throws: `failure` without zram in the kernel or without root.
    static func create(size: Int, changes: ChangeStack) throws(PlumblineError) -> String {
        if !isAvailable() { try KernelModule.load("zram", pulse: changes.pulse) }
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
        let path = "/dev/zram\(number)"
        try changes.make(
            .removeZram(number: number),
            failure: "cannot set the size of \(path) to \(ByteSize(size))"
        ) { () throws(Errno) in
            try SystemFile.write("\(size)", to: "/sys/block/zram\(number)/disksize")
        }
        try BlockDevice.await(path, pulse: changes.pulse)
        return path
    }

    /// Makes a device of this many bytes and swaps to it before any other swap area.
    ///
    /// - Returns: the device's path.
    /// - Throws: `failure` without zram, mkswap or root.
    @discardableResult
    public static func startSwap(size: Int, changes: ChangeStack) throws(PlumblineError) -> String {
        let device = try create(size: size, changes: changes)
        try HelperProgram.require(
            ["mkswap", device], package: "util-linux", pulse: changes.pulse)
        try changes.make(
            .swapOff(path: device), failure: "cannot swap to \(device)", remedy: "run as root"
        ) { () throws(Errno) in
            try Swap.start(device, priority: 32767)
        }
        return device
    }

    /// Removes a device.
    static func remove(_ number: Int, pulse: () -> Void = {}) -> UndoOutcome {
        guard SystemFile.exists("/sys/block/zram\(number)") else { return .alreadyGone }
        // Freeing gigabytes of compressed pages takes seconds.
        return Undo.slowOutcome(pulse) { () throws(Errno) in
            try SystemFile.write("\(number)", to: "\(control)/hot_remove")
        }
    }
}
