// SPDX-License-Identifier: GPL-3.0-or-later

extension Undo {
    /// The ways to undo a change, without what it is done to.
    public enum Kind: String, Sendable, CaseIterable {
        case killProcess, removeCgroup, unmount, removeDirectory, removeFile, swapOff, removeZram
        case detachLoop, removeNullBlock, unloadModule, writeBack

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
            case .unloadModule: "unload it"
            case .writeBack: "write the former value back"
            }
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
        case .unloadModule: .unloadModule
        case .writeBack: .writeBack
        }
    }
}
