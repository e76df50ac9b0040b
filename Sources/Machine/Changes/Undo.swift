// SPDX-License-Identifier: GPL-3.0-or-later

/// How to undo one change of the machine; undoing twice does no harm.
public enum Undo: Codable, Sendable, Equatable {
    /// Kill a process; the start time, ticks since boot, tells it from a later one of its number.
    case killProcess(process: Int32, startTime: UInt64)
    /// Kill the members of a control group and remove it.
    case removeCgroup(path: String)
    /// Unmount the last mount on a directory.
    case unmount(path: String)
    /// Remove a directory and the plain files in it.
    case removeDirectory(path: String)
    /// Remove a file.
    case removeFile(path: String)
    /// Stop swapping to a device or file.
    case swapOff(path: String)
    /// Remove `/dev/zram<number>`.
    case removeZram(number: Int)
    /// Detach the loop device over this file, whose number is not known before it is made.
    case detachLoop(backing: String)
    /// Remove a null_blk device from configfs.
    case removeNullBlock(name: String)
    /// Remove an instance of the kernel's tracing, a directory of tracefs, with what it traces.
    case removeTraceInstance(path: String)
    /// Unload a kernel module.
    case unloadModule(name: String)
    /// Write the former value of a kernel's file.
    case writeBack(path: String, value: String)
}

extension Undo {
    /// Whether it writes the former value of this file.
    func writesBack(to file: String) -> Bool {
        if case .writeBack(path: file, value: _) = self { true } else { false }
    }
}

extension Undo: CustomStringConvertible {
    /// The action, for a user.
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
        case .removeTraceInstance(let path): "remove trace instance \(path)"
        case .unloadModule(let name): "unload kernel module \(name)"
        case .writeBack(let path, let value): "write '\(value)' back to \(path)"
        }
    }
}
