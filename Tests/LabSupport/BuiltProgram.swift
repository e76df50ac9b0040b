// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import Linux

/// The programs that were built beside the one that runs the tests.
package enum Built {
    /// The controller's path.
    package static let plumbline = path("plumbline")
    /// The agent's path.
    package static let agent = path("plumbline-agent")

    private static func path(_ name: String) -> String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let folders = [own ?? "", CommandLine.arguments[0]].map { path in
            path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        }
        let found = folders.map { "\($0)/\(name)" }.first { SystemFile.exists($0) }
        return found ?? ".build/debug/\(name)"
    }
}

/// The built `plumbline`, run as a user would.
package enum BuiltProgram {
    /// Its path.
    package static let path = Built.plumbline

    /// What a run said and how it ended.
    package struct Outcome {
        /// Its code or its signal.
        package var exit: ChildProcess.Exit
        /// Its standard output.
        package var document: String
        /// Its standard error.
        package var diagnostics: String

        /// How a run ended.
        package init(exit: ChildProcess.Exit, document: String, diagnostics: String) {
            self.exit = exit
            self.document = document
            self.diagnostics = diagnostics
        }
    }

    /// Runs it with these words of a shell's line, in a directory of its own.
    ///
    /// - Parameter environment: variables, as `env` takes them.
    package static func run(
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
    package static func inDirectory<Value>(_ body: (String) throws -> Value) throws -> Value {
        let path = "/var/tmp/plumbline-test-\(UInt32.random(in: 0 ... .max))"
        try SystemFile.makeDirectory(path)
        defer { _ = try? Command.run(["rm", "-rf", path]) }
        return try body(path)
    }
}
