// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import TestSupport

/// An experiment of some seconds that tests run as a user would, again and again with one seed: `run`
/// of two cells, one of them under a cgroup's limit; `toggle` of that one and a file.
final class ShortExperiment {
    /// The command.
    enum Kind: String, CaseIterable { case run, toggle }

    /// What the knob holds before and has to hold after: the value of no arm.
    static let original = "55"

    private static let suite = """
        suite: short
        slices: 12
        slice: 10ms
        guard: 2ms
        warmup: 10ms
        pressure_threshold: 1
        cells:
          - workload: pipe
            msgsize: 16k
          - workload: pipe
            msgsize: 16k
            pressure: {kind: memcg, limit: 32m}

        """

    let kind: Kind
    let scratch: Scratch
    /// Whether it prints neither progress nor notes.
    var isQuiet = true
    /// The process that runs, until it has been waited for.
    private(set) var process: ChildProcess?

    /// A suite and a knob in a directory of their own; nothing runs yet.
    init(_ kind: Kind) throws {
        self.kind = kind
        scratch = try Scratch()
        try scratch.file("short.yaml", Self.suite)
        try scratch.file("knob", Self.original + "\n")
    }

    deinit {
        try? process?.kill()
        _ = try? process?.wait()
    }

    /// The journal's path.
    var journal: String { "\(scratch.path)/j.jsonl" }
    /// What the file that is switched holds.
    var knob: String { ((try? SystemFile.read("\(scratch.path)/knob")) ?? "").trimmed }
    /// What was printed by all that was started.
    var printed: String { (try? SystemFile.read("\(scratch.path)/printed")) ?? "" }
    /// The journal's bytes; none while there is no journal.
    var bytes: [UInt8] { (try? SystemFile.readBytes(journal)) ?? [] }

    /// The command line; a journal that is there is gone on with.
    ///
    /// - Parameter more: options; the last one of a kind counts.
    func command(journal: String? = nil, _ more: [String] = []) -> [String] {
        let journal = journal ?? self.journal
        var words = [
            Built.plumbline, kind.rawValue, "\(scratch.path)/short.yaml", "--output", journal,
            "--seed", "7",
        ]
        if isQuiet { words.append("--quiet") }
        if SystemFile.exists(journal) { words.append("--resume") }
        if kind == .toggle {
            words += ["--knob", "file:\(scratch.path)/knob=60,10", "--slice", "10ms"]
            words += ["--blocks", "6", "--no-early-stop", "--cells", "*memcg*"]
        }
        return words + more
    }

    /// Starts it, or goes on with its journal.
    ///
    /// - Parameter prefix: a program with its arguments that starts it.
    func start(
        by prefix: [String] = [], journal: String? = nil, _ more: [String] = []
    ) throws {
        let output = try Descriptor.open("\(scratch.path)/printed", [.write, .create, .append])
        process = try Command.spawn(prefix + command(journal: journal, more), output: output)
    }

    /// Waits for the end of what was started.
    func wait() throws -> ChildProcess.Exit {
        var exit: ChildProcess.Exit?
        try eventually("it ends: \(printed)") {
            exit = try process?.wait(noHang: true)
            return exit != nil
        }
        process = nil
        return exit ?? .exited(255)
    }

    /// Runs it to its end, or goes on with its journal to the end.
    @discardableResult
    func run(
        by prefix: [String] = [], journal: String? = nil, _ more: [String] = []
    ) throws -> ChildProcess.Exit {
        try start(by: prefix, journal: journal, more)
        return try wait()
    }

    /// Kills it.
    ///
    /// - Returns: whether it had not ended before.
    func kill() throws -> Bool {
        try process?.kill()
        return try wait() == .signalled(ChildProcess.killSignal)
    }

    /// Waits until its journal has so many lines, or it has ended.
    func awaitLines(_ count: Int) throws {
        try eventually("the journal has \(count) lines: \(printed)") {
            bytes.count { $0 == 0x0a } >= count
                || process.map { ObservedProcess($0.id).hasEnded } ?? true
        }
    }

    /// The agent that it started; nil while there is none.
    var agent: Int32? {
        process.flatMap { parent in
            ((try? SystemFile.list("/proc")) ?? []).compactMap { Int32($0) }.first { id in
                guard let stat = try? SystemFile.read("/proc/\(id)/stat"),
                    let close = stat.lastIndex(of: ")"), stat.contains("(plumbline-agent")
                else { return false }
                let fields = stat[stat.index(after: close)...].split(separator: " ")
                return fields.count > 1 && fields[1] == "\(parent.id)"
            }
        }
    }

    /// Whether an exit is one of an experiment that was measured to its end: its cells may all be
    /// void on a busy machine.
    static func isRegular(_ exit: ChildProcess.Exit) -> Bool {
        [0, 3, 4, 5].contains { exit == .exited($0) }
    }
}
