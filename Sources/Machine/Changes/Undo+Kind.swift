// SPDX-License-Identifier: GPL-3.0-or-later

extension Undo {
    /// The ways to undo a change, without what it is done to.
    public enum Kind: String, Sendable, CaseIterable {
        case killProcess, removeCgroup, unmount, removeDirectory, removeFile, swapOff, removeZram
        case detachLoop, removeNullBlock, removeTraceInstance
        case unloadModule, writeBack

        /// The action, for a user.
        var words: String {
            switch self {
            case .killProcess: "kill them"
            case .removeCgroup: "remove it"
            case .unmount: "unmount it"
            case .removeDirectory: "remove it"
            case .removeFile: "remove it"
            case .swapOff: "stop swapping to it"
            case .removeZram: "remove it"
            case .detachLoop: "detach it"
            case .removeNullBlock: "remove it"
            case .removeTraceInstance: "remove it"
            case .unloadModule: "unload it"
            case .writeBack: "write the former value back"
            }
        }
    }

    /// What is done that this undoes, for a user; nil for a file's value and a module, which are told
    /// when the file is written and the command is run.
    var change: String? {
        switch self {
        case .killProcess(let process, _): "start process \(process)"
        case .removeCgroup(let path): "make the cgroup \(path)"
        case .unmount(let path): "mount a file system on \(path)"
        case .removeDirectory(let path): "make the directory \(path)"
        case .removeFile(let path): "make the file \(path)"
        case .swapOff(let path): "swap to \(path) before any other swap area"
        case .removeZram(let number): "make the zram device /dev/zram\(number)"
        case .detachLoop(let backing): "make a loop device over \(backing)"
        case .removeNullBlock(let name): "make the null_blk device \(name)"
        case .removeTraceInstance(let path): "make the trace instance \(path)"
        case .unloadModule, .writeBack: nil
        }
    }

    /// The way to undo it.
    public var kind: Kind {
        switch self {
        case .killProcess: .killProcess
        case .removeCgroup: .removeCgroup
        case .unmount: .unmount
        case .removeDirectory: .removeDirectory
        case .removeFile: .removeFile
        case .swapOff: .swapOff
        case .removeZram: .removeZram
        case .detachLoop: .detachLoop
        case .removeNullBlock: .removeNullBlock
        case .removeTraceInstance: .removeTraceInstance
        case .unloadModule: .unloadModule
        case .writeBack: .writeBack
        }
    }
}
