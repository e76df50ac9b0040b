// SPDX-License-Identifier: GPL-3.0-or-later

/// How much can still be swapped out, by where it goes.
public struct SwapRoom: Sendable, Equatable {
    /// Bytes that leave memory: to disks and files.
    public var onDisk: Int
    /// Bytes that stay in memory, compressed: to zram devices.
    public var compressed: Int

    /// So much of each.
    public init(onDisk: Int = 0, compressed: Int = 0) {
        self.onDisk = onDisk
        self.compressed = compressed
    }

    /// What the swap areas of this machine have free.
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

    /// What these many bytes of anonymous memory still take when all that fits is swapped out.
    ///
    /// Half of what goes to zram is taken to stay, which is twice what the hogs' pages take.
    public func leastInMemory(of bytes: Int) -> Int {
        let packed = min(bytes, compressed)
        return packed / 2 + max(0, bytes - packed - onDisk)
    }
}
