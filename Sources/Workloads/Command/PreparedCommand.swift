// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

extension CommandWorkload: Workload {
    package func prepare(
        in environment: WorkloadEnvironment
    ) throws(PlumblineError) -> any PreparedWorkload {
        try PreparedCommand(self, environment)
    }
}

/// A program that was found, and what its worker and the agent share.
final class PreparedCommand: PreparedWorkload, @unchecked Sendable {
    /// The variable by which processes of the program are found whose worker was killed.
    private static let mark = "PLUMBLINE_PROGRAM"
    /// How long a resident program works before its first slice, to show that it answers.
    private static let trialTime: UInt64 = 20_000_000
    /// How often what a resident program prints is read while it works.
    private static let watchTime: UInt64 = 50_000_000

    private let plan: CommandWorkload
    private let image: Program.Image
    private let report: ProgramReport
    private let results: ProgramResults
    private let agent = ChildProcess.currentID
    private let token: String

    init(_ plan: CommandWorkload, _ environment: WorkloadEnvironment) throws(PlumblineError) {
        self.plan = plan
        let path = ProgramFiles.places(path: Program.variable("PATH") ?? "/usr/bin:/bin")
        let found: String
        do throws(ProgramFiles.Problem) {
            found = try ProgramFiles.find(plan.command[0], in: path)
            try Self.check(found, searchPath: path)
        } catch {
            throw error.error(running: plan.command, at: "this machine").at(CommandWorkload.name)
        }
        let storage = try ProgramStorage(plan, environment)
        token = "\(ChildProcess.currentID)-\(environment.seed)"
        image = Program.Image(
            path: found, arguments: plan.command.map { storage.filled($0) },
            variables: [(Self.mark, token), ("PLUMBLINE_SEED", "\(environment.seed)")]
                + storage.variables)
        do { report = try ProgramReport() } catch {
            throw .failure("shared memory for a program's output: \(error)")
        }
        results = try ProgramResults(plan, report)
    }

    /// Refuses a program that cannot start; where the kernel runs other formats by programs of their
    /// own (binfmt_misc), it says itself what it can.
    private static func check(_ path: String, searchPath: String) throws(ProgramFiles.Problem) {
        let formats = (try? SystemFile.list("/proc/sys/fs/binfmt_misc")) ?? []
        let hasOthers = !Set(formats).subtracting(["register", "status"]).isEmpty
        do throws(ProgramFiles.Problem) {
            _ = try ProgramFiles(of: path, searchPath: searchPath)
        } catch {
            switch error {
            case .otherMachine, .notAProgram: if !hasOthers { throw error }
            default: throw error
            }
        }
    }

    func run(_ worker: inout Worker) throws(PlumblineError) {
        try plan.placement.apply()
        do {
            try Program.adoptDescendants()
        } catch { throw .failure("\(CommandWorkload.name): prctl: \(error)") }
        // The agent may have ended before the lines above; then no signal comes.
        guard ChildProcess.parentID == agent else { return }
        defer { StartedProgram.clear(report) }
        switch plan.contract {
        case .start: try runOften(&worker)
        case .stay: try stay(&worker)
        }
    }

    /// The program is started for each slice.
    private func runOften(_ worker: inout Worker) throws(PlumblineError) {
        while worker.awaitSlice() {
            sleep(in: .guarding, worker.gate)
            _ = worker.begin()
            StartedProgram.run(image, timeout: plan.timeout, into: report) {
                worker.first.count(bytes: 0)
                worker.end()
            }
            try checkGone()
        }
    }

    /// The program is there, and is told when to work.
    private func stay(_ worker: inout Worker) throws(PlumblineError) {
        var program = ResidentProgram(image, timeout: plan.timeout, report: report)
        try tryOut(&program)
        while worker.awaitSlice() {
            let gate = worker.gate
            // One that fails in the guard has nothing measured, and its slice tells why at once.
            var works = passGuard(&program, gate)
            if works { gate.settle() }
            _ = worker.begin()
            works = works && program.begin()
            if works {
                watch(&program, in: .measuring, gate)
                works = program.end()
                worker.first.count(bytes: 0)
            }
            worker.end()
            if works { program.awaitAnswer() }
            try checkGone()
        }
        program.leave()
    }

    /// Has the program work in the guard, where there is still one.
    ///
    /// - Returns: whether it answered; why not is in the report.
    private func passGuard(_ program: inout ResidentProgram, _ gate: Gate) -> Bool {
        guard gate.isGuarding else { return true }
        guard program.begin() else { return false }
        watch(&program, in: .guarding, gate)
        guard program.end() else { return false }
        program.awaitAnswer()
        return report.end == .done
    }

    /// Refuses a program that does not answer as it must, before anything is measured.
    private func tryOut(_ program: inout ResidentProgram) throws(PlumblineError) {
        if program.begin() {
            try? Clock.sleep(nanoseconds: Self.trialTime)
            if program.end() { program.awaitAnswer() }
        }
        let result = results.result()
        // It may have had no time for any work.
        guard result.value == nil, let (_, why) = result.reasons.first else { return }
        throw .failure(
            "\(CommandWorkload.name): \(why)",
            remedy: "a program that stays reads lines from its standard input: at `go` it works, "
                + "and at `stop` it prints one line of JSON")
    }

    private func watch(
        _ program: inout ResidentProgram, in phase: Gate.Phase, _ gate: Gate
    ) {
        while phase == .guarding ? gate.isGuarding : gate.isMeasuring {
            gate.sleep(in: phase, nanoseconds: Self.watchTime)
            program.watch()
        }
    }

    private func sleep(in phase: Gate.Phase, _ gate: Gate) {
        while phase == .guarding ? gate.isGuarding : gate.isMeasuring {
            gate.sleep(in: phase, nanoseconds: 1_000_000_000)
        }
    }

    private func checkGone() throws(PlumblineError) {
        guard report.end == .unkillable else { return }
        throw .failure(
            "\(CommandWorkload.name): a process of the program cannot be killed",
            remedy: "look at the kernel's log for a hung task")
    }

    func close() {}

    func conclude(_ counts: inout SliceCounts) {
        counts.usage.add(report.usage)
        counts.result = results.result()
    }

    /// Ends the processes that a killed worker left: its group, and those that left the group but
    /// have its mark in their environment.
    func sweep() {
        if let group = report.group { try? ChildProcess(id: group).killGroup() }
        report.group = nil
        let wanted = Array("\(Self.mark)=\(token)".utf8)
        for name in (try? SystemFile.list("/proc")) ?? [] {
            guard let process = Int32(name), process != agent,
                let variables = try? SystemFile.readBytes("/proc/\(name)/environ"),
                variables.split(separator: 0).contains(where: { $0.elementsEqual(wanted) })
            else { continue }
            try? ChildProcess(id: process).kill()
        }
    }
}
