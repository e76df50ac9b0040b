// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A file or device used as swap: a line of `/proc/swaps`.
public struct SwapArea: Sendable, Equatable {
    /// Its path.
    public let path: String
    /// Its size in bytes.
    public let size: Int
    /// The used part in bytes.
    public let used: Int

    /// The swap areas of this machine.
    public static func all(in tree: SystemTree = .live) -> [SwapArea] {
        (tree.read("/proc/swaps") ?? "").split(separator: "\n").dropFirst().compactMap { line in
            let words = line.words
            guard words.count >= 5, let size = Int(words[2]), let used = Int(words[3]) else {
                return nil
            }
            return SwapArea(path: words[0], size: size << 10, used: used << 10)
        }
    }
}

/// How much can still be swapped out, in bytes.
public struct SwapRoom: Sendable, Equatable {
    /// Bytes that leave memory: to disks and files.
    public var onDisk: Int
    /// Bytes that stay in memory, compressed: to zram devices.
    public var compressed: Int

    /// This much room.
    public init(onDisk: Int = 0, compressed: Int = 0) {
        self.onDisk = onDisk
        self.compressed = compressed
    }

    /// The free room of this machine's swap areas.
    public static func read(in tree: SystemTree = .live) -> SwapRoom {
        var room = SwapRoom()
        for area in SwapArea.all(in: tree) {
            let free = max(0, area.size - area.used)
            if area.path.contains("/zram") { room.compressed += free } else { room.onDisk += free }
        }
        return room
    }

    /// Whether nothing can be swapped out.
    public var isEmpty: Bool { onDisk <= 0 && compressed <= 0 }

    /// The memory that these bytes of anonymous memory still take when all that fits is swapped out.
    ///
    /// Half of what goes to zram counts as memory, twice what the hogs' pages take.
    public func leastInMemory(of bytes: Int) -> Int {
        let packed = min(bytes, compressed)
        return packed / 2 + max(0, bytes - packed - onDisk)
    }
}
