// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import TestSupport

/// `plumbline` that runs as a user would run it, in a directory of its own.
package final class PlumblineRun {
    /// Where it runs; `short.yaml` is there.
    package let directory = "/var/tmp/plumbline-test-\(UInt32.random(in: 0 ... .max))"
    /// The process, until it has been waited for.
    package private(set) var process: ChildProcess?

    /// A suite of one cell of short slices.
    package static let suite = """
        suite: short
        slices: 4
        cells:
          - workload: pipe

        """

    /// Makes the directory with the suite.
    package init() throws {
        try SystemFile.makeDirectory(directory)
        let file = try Descriptor.open("\(directory)/short.yaml", [.write, .create])
        try file.writeAll(Self.suite)
    }

    deinit { _ = try? Command.run(["rm", "-rf", directory]) }

    /// The journal that `--output j.jsonl` makes.
    package var journal: String { (try? SystemFile.read("\(directory)/j.jsonl")) ?? "" }
    /// What was printed so far.
    package var printed: String { (try? SystemFile.read("\(directory)/printed")) ?? "" }

    /// Starts it with these arguments.
    ///
    /// - Parameter wrapper: a program that becomes it, such as `env` with variables.
    package func start(_ arguments: [String], under wrapper: [String] = []) throws {
        let output = try Descriptor.open("\(directory)/printed", [.write, .create, .append])
        process = try Command.spawn(
            ["sh", "-c", "cd \"$0\" && exec \"$@\"", directory] + wrapper + [Built.plumbline]
                + arguments, output: output)
    }

    /// Waits for its end, and returns its exit code.
    package func wait() throws -> Int32 {
        guard let process else { return -1 }
        let code = try process.code(atEnd: "plumbline ends: \(printed)")
        self.process = nil
        return code
    }

    /// Runs it to its end.
    package func run(_ arguments: [String]) throws -> Int32 {
        try start(arguments)
        return try wait()
    }
}

extension ChildProcess {
    /// Waits for its end, and returns its exit code; -1 after a kill.
    ///
    /// - Parameter what: what is waited for, in words.
    package func code(atEnd what: String) throws -> Int32 {
        var exit: Exit?
        try eventually(what) {
            exit = try wait(noHang: true)
            return exit != nil
        }
        if case .exited(let code)? = exit { return code }
        return -1
    }
}
