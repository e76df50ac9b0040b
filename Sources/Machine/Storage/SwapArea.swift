// SPDX-License-Identifier: GPL-3.0-or-later

/// A file or device that is swapped to: a line of `/proc/swaps`.
public struct SwapArea: Sendable, Equatable {
    /// Its path.
    public let path: String
    /// Its size in bytes.
    public let size: Int
    /// How much of it is used, bytes.
    public let used: Int

    /// Everything that is swapped to now.
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
