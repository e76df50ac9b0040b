// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import TestSupport
import Testing

@testable import Workloads

/// Programs that are run once a slice, good ones and bad ones.
@Suite(.serialized) struct StartedProgramTests {
    private let programs: ScriptedProgram

    init() throws { programs = try ScriptedProgram() }

    private func slice(
        _ body: String, _ settings: [String: SettingValue]
    ) throws -> ProgramResult {
        try ScriptedProgram.slice([programs.script(body)], settings)
    }

    private static let ops: [String: SettingValue] = ["metric": "key:ops", "better": "higher"]

    @Test func aNumberThatItPrintsIsTheSlicesValue() throws {
        let result = try slice("echo ops: 125", Self.ops)
        #expect(result.reasons.isEmpty)
        #expect(result.value == 125)
    }

    @Test func itsOwnTimeIsMeasuredWhereNothingIsAsked() throws {
        let result = try slice("sleep 0.05", [:])
        let value = try #require(result.value)
        #expect(result.reasons.isEmpty)
        // A sleep does not end before its time.
        #expect(value >= 50_000_000)
    }

    @Test func theFirstMetricIsJudgedAndTheOthersAreTold() throws {
        let result = try slice(
            #"echo '{"read": {"iops": 8.5, "lat": 90}}'; echo warning >&2"#,
            [
                "metric": .words(["json:read.iops", "slow=json:read.lat"]),
                "unit": .words(["IOPS", "us"]),
            ])
        #expect(result.reasons.isEmpty)
        #expect(result.value == 8.5)
        #expect(result.told == ["slow": 90])
    }

    @Test func whatIsNotOnStandardOutputIsReadFromStandardError() throws {
        let result = try slice("echo hello; echo 'ops: 7' >&2", Self.ops)
        #expect(result.value == 7)
    }

    @Test(
        "a number on standard output that is wrong is not sought on standard error",
        arguments: [
            ("echo ops: 1; echo ops: 2; echo ops: 7 >&2", "2 times"),
            ("echo ops: nan; echo ops: 7 >&2", "nan"),
        ])
    func wrongOnStandardOutput(body: String, words: String) throws {
        let result = try slice(body, Self.ops)
        #expect(result.value == nil)
        #expect(result.reasons[.noMetric]?.contains(words) == true, "\(result.reasons)")
    }

    @Test func aRunSeesItsArgumentsAsTheyAre() throws {
        let path = try programs.script(
            #"printf 'ops: %s\n' "$#"; if [ "$1" = "$2" ]; then exit 3; fi"#)
        let odd = ScriptedProgram.oddName
        #expect(try ScriptedProgram.slice([path, odd, "", "*"], Self.ops).value == 3)
        let same = try ScriptedProgram.slice([path, odd, odd], Self.ops)
        #expect(same.reasons[.programFailed]?.contains("exit status 3") == true)
    }

    @Test func aPathMayHaveBlanksQuotesAndLineEnds() throws {
        let path = try programs.script("echo ops: 4", name: ScriptedProgram.oddName)
        #expect(try ScriptedProgram.slice([path], Self.ops).value == 4)
    }

    // MARK: What does not count

    @Test(
        "nothing, garbage, two numbers and none",
        arguments: [
            (":", "printed nothing"), ("head -c 300 /dev/urandom", "was not"),
            ("echo ops: fast", "fast"),
            ("echo ops: 1; echo ops: 2", "2 times"), ("echo ops: nan", "nan"),
            ("echo ops: inf", "inf"),
            ("echo ops: 0", "above 0"), ("echo ops: -4", "above 0"),
        ])
    func noMetric(body: String, words: String) throws {
        let result = try slice(body, Self.ops)
        #expect(result.reasons.keys.sorted { $0.rawValue < $1.rawValue } == [.noMetric])
        #expect(result.reasons[.noMetric]?.contains(words) == true, "\(result.reasons)")
    }

    @Test func aFailureHasWhatWasPrintedLast() throws {
        let result = try slice("echo working; echo 'no such device' >&2; exit 9", Self.ops)
        let why = try #require(result.reasons[.programFailed])
        #expect(why.contains("exit status 9"))
        #expect(why.contains("no such device"))
        #expect(result.value == nil)
    }

    @Test func aSignalThatKillsItIsNamed() throws {
        let result = try slice("kill -SEGV $$", Self.ops)
        #expect(result.reasons[.programFailed]?.contains("signal 11") == true)
    }

    @Test func oneThatNeverEndsIsKilledWithItsChildren() throws {
        let word = "plumbline-\(UInt64.random(in: 0 ... .max))"
        let path = try programs.script("sh -c 'sleep 1000; : \(word)' & sleep 1000; : \(word)")
        let result = try ScriptedProgram.slice([path, word], ["timeout": "100ms"])
        #expect(result.reasons[.timedOut]?.contains("100ms") == true)
        #expect(try ScriptedProgram.processes(with: word).isEmpty)
    }

    /// The memory of a process that is no file's.
    private static func kibibytes(of process: Int32) throws -> Int {
        let status = try SystemFile.read("/proc/\(process)/status").split(separator: "\n")
        let line = status.first { $0.hasPrefix("RssAnon:") }?.split(separator: " ")
        return try #require(line.flatMap { Int($0[1]) })
    }

    @Test func agigabyteTakesNoMemoryAndIsRefused() throws {
        let limit = 64 << 20
        var worker: Int32 = 0
        let path = try programs.script("echo ops: 1; head -c 1000000000 /dev/zero")
        let workers = try ScriptedProgram.workers([path], Self.ops) { worker = $0[0] }
        defer { workers.release() }
        // The worker is a fork of this process and has its memory too.
        let before = try Self.kibibytes(of: worker)
        let result = try ScriptedProgram.slice(of: workers)
        #expect(result.reasons[.noMetric]?.contains("allowed: 4MiB") == true, "\(result.reasons)")
        #expect((try Self.kibibytes(of: worker) - before) << 10 < limit)
    }

    @Test func aDaemonOfItsIsGoneAfterTheSlice() throws {
        let word = "plumbline-\(UInt64.random(in: 0 ... .max))"
        // In a session and a group of its own, with another parent.
        let path = try programs.script(
            "(setsid sh -c 'sleep 1000; : \(word)' >/dev/null 2>&1 &) ; echo ops: 1")
        let result = try ScriptedProgram.slice([path], Self.ops)
        #expect(result.value == 1)
        #expect(try ScriptedProgram.processes(with: word).isEmpty)
    }

    @Test func nothingIsLeftWhenTheWorkerIsKilled() throws {
        let word = "plumbline-\(UInt64.random(in: 0 ... .max))"
        let path = try programs.script(
            "(setsid sh -c 'sleep 1000; : \(word)' >/dev/null 2>&1 &)\nsleep 1000; : \(word)")
        var worker: Int32 = 0
        let workers = try ScriptedProgram.workers([path, word]) { worker = $0[0] }
        let killer = try ChildProcess.fork {
            try? eventually("the programs run") {
                try ScriptedProgram.processes(with: word).count >= 2
            }
            try? ChildProcess(id: worker).kill()
            return 0
        }
        let counts = try workers.measure(.init(guardTime: 0, duration: 1000, seed: 1))
        #expect(counts.killedBy == ChildProcess.killSignal)
        _ = try killer.wait()
        workers.release()
        try eventually("nothing is left") {
            try ScriptedProgram.processes(with: word).isEmpty
        }
    }

    @Test func nothingIsLeftWhenTheAgentIsKilled() throws {
        let word = "plumbline-\(UInt64.random(in: 0 ... .max))"
        let path = try programs.script(
            "(setsid sh -c 'sleep 1000; : \(word)' >/dev/null 2>&1 &)\nsleep 1000; : \(word)")
        let agent = try ChildProcess.fork {
            let workers = try? ScriptedProgram.workers([path, word])
            _ = try? workers?.measure(.init(guardTime: 0, duration: 1000, seed: 1))
            return 0
        }
        try eventually("the programs run") {
            try ScriptedProgram.processes(with: word).count >= 2
        }
        try agent.kill()
        _ = try agent.wait()
        try eventually("nothing is left") {
            try ScriptedProgram.processes(with: word).isEmpty
        }
    }

    // MARK: What is refused before it runs

    @Test func aProgramThatIsNotThere() throws {
        let words = try #require(throws: PlumblineError.self) {
            try ScriptedProgram.workers(["plumbline-no-such-program"])
        }
        #expect(words.message.contains("no program 'plumbline-no-such-program' in PATH"))
        let path = try #require(throws: PlumblineError.self) {
            try ScriptedProgram.workers(["\(programs.directory)/missing"])
        }
        #expect(path.message.contains("missing'"))
    }

    @Test func aFileThatIsNotExecutable() throws {
        let path = try programs.script("echo ops: 1", mode: 0o644)
        let error = try #require(throws: PlumblineError.self) {
            try ScriptedProgram.workers([path])
        }
        #expect(error.message.contains("is not executable"))
        #expect(error.remedy.contains("chmod +x"))
    }

    @Test func aDirectory() throws {
        let error = try #require(throws: PlumblineError.self) {
            try ScriptedProgram.workers([programs.directory])
        }
        #expect(error.message.contains("is not a program"))
    }

    @Test func aScriptWhoseInterpreterIsMissing() throws {
        let path = try programs.file("#!/no/such/interpreter\n", name: "script")
        let error = try #require(throws: PlumblineError.self) {
            try ScriptedProgram.workers([path])
        }
        #expect(error.message.contains("needs '/no/such/interpreter', which is missing"))
    }

    @Test func aProgramForAnotherProcessor() throws {
        let path = try programs.compiled("int main(void) { return 0; }")
        // e_machine of the file becomes that of AArch64.
        let file = try Descriptor.open(path, .write)
        let number: [UInt8] = [183, 0]
        _ = try number.withUnsafeBytes { bytes in try file.write(bytes, at: 18) }
        try file.close()
        let error = try #require(throws: PlumblineError.self) {
            try ScriptedProgram.workers([path])
        }
        #expect(error.message.contains("is a program for aarch64, and this machine is x86-64"))
    }

    @Test func aMissingLibrary() throws {
        let library = try programs.compiled(
            "int number(void) { return 4; }", name: "libnumber.so", ["-shared", "-fPIC"])
        let path = try programs.compiled(
            "int number(void); int main(void) { return number(); }", [library])
        try SystemFile.unlink(library)
        let error = try #require(throws: PlumblineError.self) {
            try ScriptedProgram.workers([path])
        }
        #expect(error.message.contains("libnumber.so', which is missing"), "\(error)")
    }
}
