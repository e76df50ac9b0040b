// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

extension ChangeStack {
    /// Mounts a file system on a new directory in the state directory.
    ///
    /// - Returns: the directory.
    func mount(
        _ source: String, type: String, options: String = "", purpose: String
    ) throws(PlumblineError) -> String {
        try StateDirectory.prepare(undoLog.directory)
        let path = try makeDirectory("\(undoLog.directory)/plumbline-\(purpose)")
        try make(
            .unmount(path: path), failure: "cannot mount \(type) from \(source) on \(path)",
            remedy: "run as root, on a kernel with \(type)"
        ) { () throws(Errno) in
            try Mount.mount(source, on: path, type: type, options: options)
        }
        return path
    }

    /// The changes that `mount` would make.
    static func plannedMount(_ type: String, purpose: String) -> [PlannedChange] {
        let place = "\(StateDirectory.path)/plumbline-\(purpose)-PID-RANDOM"
        return [
            PlannedChange("make the directory \(place)", undo: .removeDirectory),
            PlannedChange("mount \(type) there", undo: .unmount),
        ]
    }

    /// Makes a directory `<stem>-<pid>-<random>` that only this user may enter, and returns its path.
    ///
    /// Nobody can guess the name: in a directory that others write to, such as `/tmp`, what is
    /// undone by this name is never theirs.
    func makeDirectory(_ stem: String) throws(PlumblineError) -> String {
        let random = String(UInt64.random(in: 0 ... .max), radix: 36)
        let path = "\(stem)-\(ChildProcess.currentID)-\(random)"
        try make(
            .removeDirectory(path: path), failure: "cannot make the directory \(path)",
            remedy: "give a directory that you can write to"
        ) { () throws(Errno) in
            try SystemFile.makeDirectory(path, mode: 0o700)
        }
        return path
    }

    /// The first path of this stem and a number that does not exist; for places where only root
    /// makes names.
    static func newName(_ stem: String) -> String {
        var number = 0
        while SystemFile.exists("\(stem)\(number)") { number += 1 }
        return "\(stem)\(number)"
    }
}
