// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import Linux
import TestSupport

/// The programs that were built beside the one that runs the tests.
enum Built {
    static let plumbline = path("plumbline")
    static let agent = path("plumbline-agent")

    private static func path(_ name: String) -> String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let folders = [own ?? "", CommandLine.arguments[0]].map { path in
            path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        }
        let found = folders.map { "\($0)/\(name)" }.first { SystemFile.exists($0) }
        return found ?? ".build/debug/\(name)"
    }
}

/// `plumbline` that runs as a user would run it, in a directory of its own.
final class PlumblineRun {
    let directory = "/var/tmp/plumbline-remote-\(UInt32.random(in: 0 ... .max))"
    private(set) var process: ChildProcess?

    /// A suite of one cell of short slices.
    static let suite = """
        suite: short
        slices: 4
        cells:
          - workload: pipe

        """

    init() throws {
        try SystemFile.makeDirectory(directory)
        let file = try Descriptor.open("\(directory)/short.yaml", [.write, .create])
        try file.writeAll(Self.suite)
    }

    deinit { _ = try? Command.run(["rm", "-rf", directory]) }

    /// The journal that `--output j.jsonl` makes.
    var journal: String { (try? SystemFile.read("\(directory)/j.jsonl")) ?? "" }
    /// What was printed so far.
    var printed: String { (try? SystemFile.read("\(directory)/printed")) ?? "" }

    /// Starts it with these arguments.
    func start(_ arguments: [String]) throws {
        let output = try Descriptor.open("\(directory)/printed", [.write, .create, .append])
        process = try Command.spawn(
            ["sh", "-c", "cd \"$0\" && exec \"$@\"", directory, Built.plumbline] + arguments,
            output: output)
    }

    /// Waits for its end, and returns its exit code.
    func wait() throws -> Int32 {
        guard let process else { return -1 }
        var exit: ChildProcess.Exit?
        try eventually("plumbline ends: \(printed)") {
            exit = try process.wait(noHang: true)
            return exit != nil
        }
        self.process = nil
        if case .exited(let code)? = exit { return code }
        return -1
    }

    /// Runs it to its end.
    func run(_ arguments: [String]) throws -> Int32 {
        try start(arguments)
        return try wait()
    }
}
