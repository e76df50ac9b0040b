// SPDX-License-Identifier: GPL-3.0-or-later

/// How to put back one change of the machine; doing it twice does no harm.
public enum Undo: Codable, Sendable, Equatable {
    /// Kill a helper; the start time (ticks since boot) keeps a later process of its number safe.
    case killProcess(process: Int32, startTime: UInt64)
    /// Kill what is in a control group of ours, and remove it.
    case removeCgroup(path: String)
    /// Unmount what is mounted last on a directory.
    case unmount(path: String)
    /// Remove a directory of ours and the plain files in it.
    case removeDirectory(path: String)
    /// Remove a file of ours.
    case removeFile(path: String)
    /// Stop swapping to a device or file.
    case swapOff(path: String)
    /// Take `/dev/zram<number>` away.
    case removeZram(number: Int)
    /// Take the loop device over this file apart: its number is not known before it is made.
    case detachLoop(backing: String)
    /// Take a null_blk device that was made through configfs away.
    case removeNullBlock(name: String)
    /// Unload a kernel module that was loaded for us.
    case unloadModule(name: String)
    /// Write the value that a file of the kernel held before.
    case writeBack(path: String, value: String)
}

extension Undo: CustomStringConvertible {
    /// What would be done, for a user.
    public var description: String {
        switch self {
        case .killProcess(let process, _): "kill process \(process)"
        case .removeCgroup(let path): "remove cgroup \(path)"
        case .unmount(let path): "unmount \(path)"
        case .removeDirectory(let path): "remove directory \(path)"
        case .removeFile(let path): "remove file \(path)"
        case .swapOff(let path): "stop swapping to \(path)"
        case .removeZram(let number): "remove /dev/zram\(number)"
        case .detachLoop(let backing): "detach the loop device over \(backing)"
        case .removeNullBlock(let name): "remove null_blk device \(name)"
        case .unloadModule(let name): "unload kernel module \(name)"
        case .writeBack(let path, let value): "write '\(value)' back to \(path)"
        }
    }
}
