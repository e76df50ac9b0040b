// SPDX-License-Identifier: GPL-3.0-or-later

/// A cpio archive of the kind that the kernel unpacks at boot (`newc`,
/// Documentation/driver-api/early-userspace/buffer-format.rst).
///
/// Every file has owner root and time 0, so that equal contents make equal archives. A device node
/// is a record, which needs no root.
struct InitramfsArchive: Sendable {
    private var inode = 0
    private var isEnded = false
    private(set) var bytes: [UInt8] = []

    /// Adds a directory, after those above it.
    mutating func addDirectory(_ path: String, mode: Int = 0o755) {
        add(path, mode: 0o040000 | mode)
    }

    mutating func addFile(_ path: String, _ contents: [UInt8], mode: Int = 0o644) {
        add(path, mode: 0o100000 | mode, contents: contents)
    }

    /// Adds a symbolic link.
    mutating func addLink(_ path: String, to target: String) {
        add(path, mode: 0o120777, contents: Array(target.utf8))
    }

    mutating func addCharacterDevice(
        _ path: String, major: Int, minor: Int, mode: Int = 0o600
    ) {
        add(path, mode: 0o020000 | mode, device: (major, minor))
    }

    /// Ends the archive.
    mutating func end() {
        guard !isEnded else { return }
        add("TRAILER!!!", mode: 0)
        pad(to: 512)
        isEnded = true
    }

    private mutating func add(
        _ path: String, mode: Int, contents: [UInt8] = [], device: (major: Int, minor: Int) = (0, 0)
    ) {
        precondition(!isEnded, "the archive is ended")
        let name = Array(path.drop { $0 == "/" }.utf8) + [0]
        inode += 1
        bytes += Array("070701".utf8)
        let links = mode & 0o170000 == 0o040000 ? 2 : 1
        for field in [
            inode, mode, 0, 0, links, 0, contents.count, 0, 0, device.major, device.minor,
            name.count, 0,
        ] { bytes += Self.hexadecimal(field) }
        bytes += name
        pad(to: 4)
        bytes += contents
        pad(to: 4)
    }

    private mutating func pad(to multiple: Int) {
        let excess = bytes.count % multiple
        if excess > 0 { bytes += [UInt8](repeating: 0, count: multiple - excess) }
    }

    private static func hexadecimal(_ value: Int) -> [UInt8] {
        let digits = Array(String(value, radix: 16, uppercase: true).utf8)
        return [UInt8](repeating: 0x30, count: 8 - digits.count) + digits
    }
}
