// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import Glibc
import Linux
import Machine

@testable import Commands
@testable import Doctor

/// A directory with copies of a machine's files, removed when the tests end.
struct DoctorFixture {
    // Not the value's lifetime: a machine is looked at when its fixture is no longer named.
    private static let parent: String = {
        atexit { try? FileManager.default.removeItem(atPath: DoctorFixture.parentPath) }
        return parentPath
    }()
    private static var parentPath: String {
        FileManager.default.temporaryDirectory.path + "/doctor-\(ChildProcess.currentID)"
    }

    private let root = "\(Self.parent)/\(UUID().uuidString)"

    /// Makes these files, each path absolute on the machine.
    init(_ files: [String: String] = [:]) throws {
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        for (path, text) in files { try add(path, text) }
    }

    /// Makes a file, or a directory of this path when it ends with a slash.
    func add(_ path: String, _ text: String) throws {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        try FileManager.default.createDirectory(
            atPath: root + parts.joined(separator: "/"), withIntermediateDirectories: true)
        if path.hasSuffix("/") { return }
        try Data(text.utf8).write(to: URL(filePath: root + path))
    }

    /// The machine, as root or as somebody else sees it.
    func machine(root isRoot: Bool = true) -> ExaminedMachine {
        ExaminedMachine(tree: SystemTree(root: root), userID: isRoot ? 0 : 1000)
    }

    /// Where a path of the machine really is.
    func path(_ path: String) -> String { root + path }
}

/// The line of `/proc/self/status` of a process without any capability.
let noCapabilities = "Name:\tsh\nCapEff:\t0000000000000000\nSeccomp:\t0\n"
/// The same of one with all of them.
let allCapabilities = "Name:\tsh\nCapEff:\t000001ffffffffff\nSeccomp:\t0\n"
