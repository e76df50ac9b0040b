// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// A directory of a test's own, removed with the files in it.
final class Scratch {
    let path: String

    init() throws { path = try Self.make() }

    private static func make() throws(Errno) -> String {
        let stem = "/tmp/plumbline-test-\(ChildProcess.currentID)"
        for number in 0... {
            do {
                try SystemFile.makeDirectory("\(stem)-\(number)", mode: 0o700)
                return "\(stem)-\(number)"
            } catch .fileExists {
                continue
            }
        }
        throw .fileExists
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        if let names = try? SystemFile.list(path) {
            for name in names { remove("\(path)/\(name)") }
            try? SystemFile.removeDirectory(path)
        } else {
            try? SystemFile.unlink(path)
        }
    }
}

/// What this machine can do, for `.enabled(if:)`.
enum ThisMachine {
    static let isRoot = ChildProcess.userID == 0
    static let hasZram = isRoot && SystemFile.exists("/sys/class/zram-control/hot_add")
    static let hasMemoryGroups = isRoot && Cgroup.version > 0
    static let hasDisk =
        (try? Descriptor.open("/tmp", .directory).filesystem().isInMemory) == false
}

/// The error that a closure throws; nil when it throws none.
func failure<T>(of body: () throws(PlumblineError) -> T) -> PlumblineError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error
    }
}
