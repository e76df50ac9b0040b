// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import SystemPackage

/// A block device: its path, numbers and state in sysfs.
public struct BlockDevice: Sendable, Equatable {
    /// Its path as the user gave it.
    public let path: String
    /// `major:minor`.
    public let numbers: String
    /// Its capacity in bytes.
    public let size: Int

    /// Opens a device, or finds it in sysfs when it may not be opened.
    ///
    /// - Throws: `usage` when it does not exist or is not a block device; `failure` when it is
    ///   neither opened nor found.
    public init(path: String) throws(PlumblineError) {
        let facts: FileFacts
        do {
            facts = try Descriptor.open(path, .nonblocking).facts()
        } catch .noSuchFileOrDirectory {
            throw .usage("\(path) does not exist", remedy: "lsblk lists the block devices")
        } catch {
            guard Self.mayBeBlockDevice(path) else { throw Self.notBlockDevice(path) }
            guard let known = BlockDevice(inSysfs: path) else {
                throw .failure("cannot open \(path): \(error)", remedy: "run as root")
            }
            self = known
            return
        }
        guard facts.kind == .blockDevice else { throw Self.notBlockDevice(path) }
        self.init(
            path: path, numbers: "\(facts.deviceMajor):\(facts.deviceMinor)", size: facts.size)
    }

    private static func notBlockDevice(_ path: String) -> PlumblineError {
        .usage("\(path) is not a block device", remedy: "lsblk lists the block devices")
    }

    private static func mayBeBlockDevice(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) != 0 || facts.st_mode & S_IFMT == S_IFBLK
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

    /// A device with these properties.
    init(path: String, numbers: String, size: Int) {
        self.path = path
        self.numbers = numbers
        self.size = size
    }

    /// Its directory in sysfs.
    var sysfs: String { "/sys/dev/block/\(numbers)" }

    /// The directories that it is mounted on.
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

    /// Its partitions.
    func partitions(in tree: SystemTree) -> [String] {
        tree.list(sysfs).filter { tree.exists("\(sysfs)/\($0)/partition") }
    }

    /// The path of the first of these devices that is large enough and not in use.
    ///
    /// - Parameter none: the message when there are no devices.
    /// - Throws: `failure` when there is none.
    static func free(
        among names: [String], size: Int, none: String, remedy: String
    ) throws(PlumblineError) -> String {
        var largest = 0
        for name in names {
            let device = try BlockDevice(path: "/dev/\(name)")
            largest = max(largest, device.size)
            let isFree = (try? DestructiveGuard.checkUse(device, in: .live)) != nil
            if device.size >= size, isFree { return device.path }
        }
        throw .failure(
            largest == 0
                ? none
                : "no free device of \(ByteSize(size).approximate) among "
                    + "\(names.joined(separator: ", ")): the largest has "
                    + "\(ByteSize(largest).approximate)",
            remedy: remedy)
    }

    /// Waits for the node of a new device: devtmpfs makes it at once, udev shortly after.
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
        throw .failure("\(path) did not appear within 2 s", remedy: "mount devtmpfs on /dev")
    }
}
