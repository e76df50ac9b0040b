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

    /// Writes a file and makes the directories above it.
    @discardableResult
    func file(_ name: String, _ text: String = "") throws -> String {
        var directory = path
        for part in name.split(separator: "/").dropLast() {
            directory += "/\(part)"
            if !SystemFile.exists(directory) { try SystemFile.makeDirectory(directory) }
        }
        let whole = "\(path)/\(name.drop { $0 == "/" })"
        let file = try Descriptor.open(whole, [.write, .create, .truncate])
        try file.writeAll(text)
        return whole
    }

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
    static let hasLoop = isRoot && SystemFile.exists("/dev/loop-control")
    static let hasMemoryGroups =
        isRoot
        && MemoryHierarchy.find().map { SystemFile.exists("\($0.own)/cgroup.procs") } == true

    static func hasFileSystem(_ fileSystem: FileSystem) -> Bool {
        SystemFile.exists("/usr/sbin/mkfs.\(fileSystem.rawValue)")
            && (SystemTree.live.read("/proc/filesystems") ?? "").contains("\t\(fileSystem)\n")
    }
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
