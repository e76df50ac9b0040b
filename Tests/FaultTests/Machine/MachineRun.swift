// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Journal
import LabSupport
import Linux
import TestSupport
import Testing

/// `plumbline` that measures this machine while a fault is played, and what it left at its end.
final class MachineRun {
    /// Where it runs; `machine.yaml` is there, and `j.jsonl` when it has begun.
    let directory = "/var/tmp/plumbline-test-\(UInt32.random(in: 0 ... .max))"
    private let before = Leftovers.now()
    private(set) var process: ChildProcess?

    /// - Parameter cells: the list of a suite.
    init(_ cells: String, slice: String = "200ms", slices: Int = 8) throws {
        try SystemFile.makeDirectory(directory)
        try write(
            """
            suite: machine
            slice: \(slice)
            guard: 10ms
            warmup: 50ms
            slices: \(slices)
            cells:
            \(cells)

            """, to: "machine.yaml")
    }

    deinit {
        if let process {
            try? process.kill()
            _ = try? process.wait()
        }
        _ = try? Command.run(["rm", "-rf", directory])
    }

    /// Writes a file of the directory.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let path = "\(directory)/\(name)"
        try Descriptor.open(path, [.write, .create, .truncate]).writeAll(text)
        return path
    }

    /// Starts it with these words of a shell's line.
    ///
    /// - Parameter first: a shell's commands before it, in a mount namespace of its own.
    func start(_ words: String, first: String? = nil) throws {
        let output = try Descriptor.open("\(directory)/printed", [.write, .create, .append])
        let line = "cd '\(directory)'; \(first ?? ":"); exec '\(Built.plumbline)' \(words)"
        let shell = ["sh", "-c", line + " --output j.jsonl"]
        process = try Command.spawn(
            first == nil ? shell : ["unshare", "-m", "--propagation", "private"] + shell,
            output: output)
    }

    /// Waits for its end, and returns its exit code; -1 after a kill.
    func wait() throws -> Int32 {
        guard let process else { return -1 }
        let code = try process.code(atEnd: "plumbline ends: \(printed)")
        self.process = nil
        return code
    }

    /// Runs a shell's commands in its mount namespace, and returns what they print.
    @discardableResult
    func inside(_ script: String) throws -> String {
        guard let process else { return "" }
        return try Command.run(["nsenter", "-t", "\(process.id)", "-m", "sh", "-c", script]).output
    }

    /// Whether it has not ended.
    var isRunning: Bool { process.map { !ObservedProcess($0.id).hasEnded } ?? false }
    /// What was printed so far, with one blank between words.
    var printed: String {
        ((try? SystemFile.read("\(directory)/printed")) ?? "").split { $0.isWhitespace }
            .joined(separator: " ")
    }
    /// Its journal.
    var journal: StoredJournal {
        get throws { try StoredJournal(readingFrom: "\(directory)/j.jsonl") }
    }
    /// The slices that the journal has now.
    var slices: [SliceSummary] { (try? journal.slices) ?? [] }

    /// Reasons of void slices that a busy machine alone does not give.
    var unexpectedReasons: Set<String> {
        Set(slices.flatMap(\.reasons.keys)).subtracting(["unpressured", "paused", "empty"])
    }

    /// Its agent, while there is one.
    var agent: Int32? { process.flatMap { children(of: $0.id) { $0 == "plumbline-agent" }.first } }
    /// The agent's workers.
    var workers: [Int32] { agent.map { children(of: $0) { $0 == "plumbline-agent" } } ?? [] }
    /// The agent's own hogs.
    var hogs: [Int32] { agent.map { children(of: $0) { $0 == "plumbline-hog" } } ?? [] }

    /// The directory of the agent's cgroup for memory.
    var group: String? {
        guard let agent else { return nil }
        let found = try? Command.run(
            ["find", "/sys/fs/cgroup", "-type", "d", "-name", "plumbline-\(agent)-*"])
        return found?.output.split(separator: "\n").first.map(String.init)
    }

    /// Waits until slices are measured.
    func awaitSlices() throws {
        try eventually("slices are measured: \(printed)") {
            if !isRunning { return true }
            return printed.contains("] ") && !workers.isEmpty
        }
    }

    /// Waits until workers are under pressure, and then for a random part of a slice.
    func awaitPressure() throws {
        try eventually("workers are under pressure: \(printed)") {
            if !isRunning { return true }
            return !hogs.isEmpty && !workers.isEmpty && group != nil
        }
        try Clock.sleep(nanoseconds: .random(in: 0...300_000_000))
    }

    /// Checks that the machine is as it was.
    func expectNothingLeft(_ location: SourceLocation = #_sourceLocation) throws {
        try before.expectNone(location)
    }

    /// Checks that a fault made slices void for this reason, that others count, and that nothing
    /// is left.
    func expectVoid(
        _ reason: String, _ words: String, location: SourceLocation = #_sourceLocation
    ) throws {
        let code = try wait()
        #expect(code == 0, "\(printed)", sourceLocation: location)
        let reasons = slices.compactMap { $0.reasons[reason] }
        #expect(
            reasons.contains { $0.contains(words) },
            "\(slices.map(\.reasons)) \(printed)", sourceLocation: location)
        #expect(
            slices.contains { $0.isValid }, "\(slices.map(\.reasons))", sourceLocation: location)
        try expectNothingLeft(location)
    }

    /// The living children of a process whose names are as wanted.
    func children(of parent: Int32, named isWanted: (Substring) -> Bool) -> [Int32] {
        ((try? SystemFile.list("/proc")) ?? []).compactMap { entry in
            guard let id = Int32(entry), let stat = try? SystemFile.read("/proc/\(entry)/stat"),
                let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")")
            else { return nil }
            let fields = stat[stat.index(after: close)...].split(separator: " ")
            let isAlive = fields.first.map { $0 != "Z" && $0 != "X" } ?? false
            guard isAlive, fields.count > 1, Int32(fields[1]) == parent,
                isWanted(stat[stat.index(after: open)..<close])
            else { return nil }
            return id
        }
    }
}

/// Cells that faults are played at.
enum Cells {
    /// Pipes without pressure.
    static let pipe = """
          - workload: pipe
        """
    /// Pipes in a cgroup at its limit.
    static let memcg = """
          - workload: pipe
            pressure: {kind: memcg, limit: 64m}
        """
    /// Direct reads on a loop device with a file system.
    static let loop = """
          - workload: dio
            storage: loop:ext4
            size: 4m
        """
}
