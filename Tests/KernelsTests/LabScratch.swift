// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import Linux

/// A directory of a test's own, and the program that tests start as guardian and as a guest's init.
enum LabScratch {
    /// An empty directory, removed after `body` with all that is in it.
    static func with<Value>(_ body: (String) throws -> Value) throws -> Value {
        let path = try make()
        defer { remove(path) }
        return try body(path)
    }

    static func make() throws -> String {
        let path = "/var/tmp/plumbline-lab-\(UInt32.random(in: 0 ... .max))"
        try SystemFile.makeDirectory(path)
        return path
    }

    static func remove(_ path: String) { _ = try? Command.run(["rm", "-rf", path]) }

    /// The agent beside the program that runs the tests.
    static let agent: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let folders = [own ?? "", CommandLine.arguments[0]].map { path in
            path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        }
        let found = folders.map { $0 + "/plumbline-agent" }.first { SystemFile.exists($0) }
        return found ?? ".build/debug/plumbline-agent"
    }()
}
