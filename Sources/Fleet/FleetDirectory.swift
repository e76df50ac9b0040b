// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import Protocol
import SystemPackage

/// The private directory of a fleet: its plan, the batch script, and a directory a task.
///
///     fleet.json            the plan, and what was submitted
///     task.sh               the batch script
///     machines/NAME         the number of the task that measures this machine
///     NUMBER/task.json      what the task says of itself
///     NUMBER/journal.jsonl  its journal
///     NUMBER/output         what its command printed
package struct FleetDirectory: Sendable {
    static let scriptName = "task.sh"
    private static let planName = "fleet.json"
    static let machines = "machines"
    private static let mode: UInt32 = 0o700

    /// The absolute path.
    package let path: String

    /// Makes the directory, and everything in it but the plan.
    ///
    /// - Throws: `usage` when there is something of the name, `failure` when it cannot be made.
    package init(making path: String, machines count: Int) throws(PlumblineError) {
        do {
            try SystemFile.makeDirectory(path, mode: Self.mode)
            self.path = try Self.absolute(path)
            try SystemFile.makeDirectory("\(self.path)/\(Self.machines)", mode: Self.mode)
            for task in 0..<count {
                try SystemFile.makeDirectory("\(self.path)/\(task)", mode: Self.mode)
            }
            try Descriptor.open(
                "\(self.path)/\(Self.scriptName)", [.write, .create, .exclusive], mode: Self.mode
            ).writeAll(SlurmRequest.script)
        } catch .fileExists {
            throw .usage(
                "\(path) exists already",
                remedy: "name a new directory; `plumbline fleet status \(path)` shows a fleet's")
        } catch {
            throw .failure(
                "\(path): \(error)",
                remedy: "name a directory on a file system that all machines share"
            )
        }
    }

    /// Opens the directory of a fleet.
    ///
    /// - Throws: `usage` for anything else, and for one of another user or one that others may
    ///   write to: the commands in it are run.
    package init(opening path: String) throws(PlumblineError) {
        do {
            let directory = try Descriptor.open(path, .directory)
            let facts = try directory.facts()
            guard facts.owner == UInt32(bitPattern: ChildProcess.userID) else {
                throw PlumblineError.usage(
                    "\(path) belongs to another user",
                    remedy: "a fleet's directory belongs to the user who submitted it")
            }
            guard facts.permissions & 0o022 == 0 else {
                throw PlumblineError.usage(
                    "\(path) can be written by other users", remedy: "chmod 700 \(path)")
            }
            self.path = try Self.absolute(path)
        } catch let error as PlumblineError {
            throw error
        } catch Errno.noSuchFileOrDirectory {
            throw .usage("\(path): there is no such directory", remedy: "check the path")
        } catch Errno.notDirectory {
            throw .usage("\(path) is not a directory", remedy: Self.remedy)
        } catch {
            throw .failure("\(path): \(error)")
        }
        guard SystemFile.exists("\(self.path)/\(Self.planName)") else {
            throw .usage("\(path) is not the directory of a fleet", remedy: Self.remedy)
        }
    }

    private static let remedy = "name the directory that `plumbline fleet submit` made"

    /// Resolves links, by `realpath(3)`.
    package static func absolute(_ path: String) throws(Errno) -> String {
        guard let resolved = realpath(path, nil) else { throw Errno(rawValue: errno) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The path of a task's journal.
    package func journal(of task: Int) -> String { "\(path)/\(task)/journal.jsonl" }

    /// Reads the plan.
    ///
    /// - Throws: `failure` for one that is damaged or of another version.
    package func plan() throws(PlumblineError) -> FleetPlan {
        struct Probe: Decodable { var schema: String }
        let file = "\(path)/\(Self.planName)"
        let schema = try Self.read(Probe.self, file)?.schema
        guard schema == FleetPlan.schemaName else {
            throw .failure(
                "\(file): its schema is '\(schema?.cut(to: 64) ?? "")'; this is plumbline "
                    + "\(plumblineVersion), which reads '\(FleetPlan.schemaName)'",
                remedy: "use the version of plumbline that wrote it")
        }
        guard let plan = try Self.read(FleetPlan.self, file),
            (1...FleetPlan.mostMachines).contains(plan.machines),
            plan.machineNames.map({ $0.count == plan.machines }) ?? true
        else { throw .failure("\(file) is damaged", remedy: Self.damaged) }
        return plan
    }

    private static let damaged =
        "`plumbline report` reads the journals of the tasks by themselves"

    /// Keeps the plan.
    package func save(_ plan: FleetPlan) throws(PlumblineError) {
        try replace(Self.planName, with: plan)
    }

    /// What a task said of itself; nil before its start.
    package func record(of task: Int) throws(PlumblineError) -> TaskRecord? {
        try Self.read(TaskRecord.self, "\(path)/\(task)/task.json")
    }

    /// Keeps what a task says of itself.
    package func save(_ record: TaskRecord, of task: Int) throws(PlumblineError) {
        try replace("\(task)/task.json", with: record)
    }

    /// Keeps how a task ended, unless the task runs anew: on a machine that Slurm takes for lost,
    /// the earlier run may go on and end later.
    package func save(end record: TaskRecord, of task: Int) throws(PlumblineError) {
        guard try self.record(of: task)?.job == record.job else { return }
        try save(record, of: task)
    }

    /// The last line that a task printed; nil without any.
    package func lastLine(of task: Int) -> String? {
        guard let text = try? SystemFile.read("\(path)/\(task)/output") else { return nil }
        return text.split(separator: "\n").last { !$0.trimmed.isEmpty }?.trimmed
    }

    /// Does something while no other command changes the fleet.
    ///
    /// - Throws: `failure` when one does, and what the body throws.
    package func locked<Value>(
        _ body: () throws(PlumblineError) -> Value
    ) throws(PlumblineError) -> Value {
        do {
            let lock = try Descriptor.open("\(path)/lock", [.readWrite, .create], mode: 0o600)
            try lock.lockExclusively()
            let value = try body()
            try lock.close()
            return value
        } catch let error as PlumblineError {
            throw error
        } catch Errno.wouldBlock {
            throw .failure("\(path): another plumbline is at work", remedy: "try again later")
        } catch {
            throw .failure("\(path)/lock: \(error)")
        }
    }

    private static func read<Value: Decodable>(
        _ type: Value.Type, _ file: String
    ) throws(PlumblineError) -> Value? {
        let bytes: [UInt8]
        do { bytes = try SystemFile.readBytes(file) } catch .noSuchFileOrDirectory {
            return nil
        } catch {
            throw .failure("\(file): \(error)")
        }
        do { return try LineCodec.decode(type, from: bytes) } catch {
            throw .failure("\(file) is damaged: \(error.message)", remedy: damaged)
        }
    }

    /// Writes a file anew: the old one or the whole new one is there at any moment.
    private func replace(_ name: String, with value: some Encodable) throws(PlumblineError) {
        let file = "\(path)/\(name)"
        let line = try LineCodec.encode(value)
        do {
            let draft = try Descriptor.open(
                "\(file).new", [.write, .create, .truncate], mode: 0o600)
            try draft.writeAll(line)
            try draft.sync()
            guard rename("\(file).new", file) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            throw .failure("\(file): cannot write: \(error)", remedy: "make room, and try again")
        }
    }
}
