// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import Linux

/// The built `plumbline`, run as a user would.
enum BuiltProgram {
    /// The binary beside the one that runs the tests.
    static let path: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let folders = [own ?? "", CommandLine.arguments[0]].map { path in
            path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        }
        let found = folders.map { $0 + "/plumbline" }.first { SystemFile.exists($0) }
        return found ?? ".build/debug/plumbline"
    }()

    /// What a run said and how it ended.
    struct Outcome {
        var exit: ChildProcess.Exit
        var document: String
        var diagnostics: String
    }

    /// Runs it with these words of a shell's line, in a directory of its own.
    ///
    /// - Parameter environment: variables, as `env` takes them.
    static func run(
        _ words: String, in directory: String, environment: String = ""
    ) throws -> Outcome {
        let errors = directory + "/stderr"
        let result = try Command.run([
            "sh", "-c",
            "cd '\(directory)' && exec env \(environment) '\(path)' \(words) 2>'\(errors)'",
        ])
        let diagnostics = try SystemFile.read(errors)
        try SystemFile.unlink(errors)
        return Outcome(exit: result.exit, document: result.output, diagnostics: diagnostics)
    }

    /// An empty directory on a disk, removed after `body` with all that is in it.
    static func inDirectory<Value>(_ body: (String) throws -> Value) throws -> Value {
        let path = "/var/tmp/plumbline-test-\(UInt32.random(in: 0 ... .max))"
        try SystemFile.makeDirectory(path)
        defer { _ = try? Command.run(["rm", "-rf", path]) }
        return try body(path)
    }
}
