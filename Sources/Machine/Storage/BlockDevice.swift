// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// A block device by its path and numbers, with what sysfs says of it.
public struct BlockDevice: Sendable, Equatable {
    /// The path it was named by.
    public let path: String
    /// `major:minor`.
    public let numbers: String
    /// Its capacity in bytes.
    public let size: Int

    /// Looks at a device; one that may not be opened is still known by its name in sysfs.
    ///
    /// - Throws: `usage` when it is not there or no block device, `failure` when it is not known.
    public init(path: String) throws(PlumblineError) {
        let facts: FileFacts
        do {
            facts = try Descriptor.open(path, .nonblocking).facts()
        } catch .noSuchFileOrDirectory {
            throw .usage("\(path) does not exist", remedy: "lsblk lists the block devices")
        } catch {
            guard let known = BlockDevice(inSysfs: path) else {
                throw .failure("cannot open \(path): \(error)", remedy: "run as root")
            }
            self = known
            return
        }
        guard facts.kind == .blockDevice else {
            throw .usage("\(path) is not a block device", remedy: "lsblk lists the block devices")
        }
        self.init(
            path: path, numbers: "\(facts.deviceMajor):\(facts.deviceMinor)", size: facts.size)
    }

    private init?(inSysfs path: String) {
        guard path.hasPrefix("/dev/") else { return nil }
        let directory = "/sys/class/block/\(path.dropFirst(5))"
        guard let numbers = SystemTree.live.read("\(directory)/dev")?.trimmed,
            let sectors = SystemTree.live.readInteger("\(directory)/size")
        else { return nil }
        // sysfs counts in sectors of 512 bytes, whatever the device's block is.
        self.init(path: path, numbers: numbers, size: sectors * 512)
    }

    /// A device of which all is known.
    init(path: String, numbers: String, size: Int) {
        self.path = path
        self.numbers = numbers
        self.size = size
    }

    /// Its directory in sysfs.
    var sysfs: String { "/sys/dev/block/\(numbers)" }

    /// Where it is mounted; empty when it is not.
    func mounts(in tree: SystemTree) -> [String] {
        MountPoint.all(in: tree).filter { $0.device == numbers || $0.source == path }.map(\.path)
    }

    /// Whether the kernel swaps to it.
    func isSwap(in tree: SystemTree) -> Bool {
        SwapArea.all(in: tree).contains { area in
            area.path == path || (try? BlockDevice(path: area.path))?.numbers == numbers
        }
    }

    /// The devices built on it: device mapper, md, bcache.
    func holders(in tree: SystemTree) -> [String] { tree.list("\(sysfs)/holders") }

    /// The partitions that the kernel knows on it.
    func partitions(in tree: SystemTree) -> [String] {
        tree.list(sysfs).filter { tree.exists("\(sysfs)/\($0)/partition") }
    }

    /// The first of some devices that has this size and that nothing uses; how large the largest is.
    static func free(
        among names: [String], size: Int
    ) throws(PlumblineError) -> (path: String?, largest: Int) {
        var largest = 0
        for name in names {
            let device = try BlockDevice(path: "/dev/\(name)")
            let isFree = (try? DestructiveGuard.checkUse(device, in: .live)) != nil
            if device.size >= size, isFree { return (device.path, device.size) }
            largest = max(largest, device.size)
        }
        return (nil, largest)
    }

    /// Waits until a new device's node is there: devtmpfs makes it at once, udev in a moment.
    ///
    /// - Throws: `failure` after two seconds.
    static func await(_ path: String, pulse: () -> Void = {}) throws(PlumblineError) {
        for _ in 0..<200 {
            pulse()
            if SystemFile.exists(path) { return }
            try attempting("waiting for \(path)") { () throws(Errno) in
                try Clock.sleep(nanoseconds: 10_000_000)
            }
        }
        throw .failure("\(path) does not appear", remedy: "mount devtmpfs on /dev")
    }
}
