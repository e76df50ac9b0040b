// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import TestSupport
import Testing

@testable import Workloads

/// Programs that stay, and answer `go` and `stop`.
@Suite(.serialized) struct ResidentProgramTests {
    private let programs: ScriptedProgram

    init() throws { programs = try ScriptedProgram() }

    private static let settings: [String: SettingValue] = [
        "contract": "stay", "metric": "json:ops", "better": "higher",
    ]

    private func workers(
        _ body: String, _ settings: [String: SettingValue] = [:]
    ) throws -> ResidentWorkers {
        try ScriptedProgram.workers(
            [programs.script(body)], Self.settings.merging(settings) { $1 })
    }

    private static let counting = """
        n=0
        while read word; do
            case $word in
            go) n=$((n + 1)) ;;
            stop) echo "{\\"ops\\": $n, \\"id\\": $$}" ;;
            esac
        done
        """

    @Test func oneProcessAnswersSliceAfterSlice() throws {
        let workers = try workers(
            Self.counting, ["metric": .words(["json:ops", "json:id"]), "better": "higher"])
        var seen: [Double] = []
        var processes: Set<Double> = []
        for _ in 0..<4 {
            let result = try ScriptedProgram.slice(of: workers)
            #expect(result.reasons.isEmpty)
            seen.append(result.value ?? 0)
            processes.insert(result.told["id"] ?? 0)
        }
        // The first `go` is that of its trial.
        #expect(seen == [2, 3, 4, 5])
        #expect(processes.count == 1)
        workers.release()
        for id in processes {
            #expect(!SystemFile.exists("/proc/\(Int(id))"))
        }
    }

    @Test func aGuardHasAWordOfItsOwn() throws {
        let workers = try workers(Self.counting)
        defer { workers.release() }
        // A busy machine may not run the worker within a short guard.
        var (last, step, guardTime) = (1.0, 1.0, 1_000_000)
        try eventually("a guard is seen") {
            let value = try ScriptedProgram.slice(of: workers, guardTime: guardTime).value ?? last
            (step, last) = (value - last, value)
            guardTime = min(2 * guardTime, 1_000_000_000)
            return step == 2
        }
        #expect(step == 2)
    }

    @Test func anEndVoidsASliceAndTheNextOneHasANewProcess() throws {
        let workers = try workers(
            """
            n=0
            while read word; do
                [ $word = stop ] && { n=$((n + 1)); echo "{\\"ops\\": $n}"; }
                [ $n = 3 ] && { echo tired >&2; exit 5; }
            done
            """)
        defer { workers.release() }
        #expect(try ScriptedProgram.slice(of: workers).value == 2)
        // It answers, and ends.
        #expect(try ScriptedProgram.slice(of: workers).value == 3)
        let void = try ScriptedProgram.slice(of: workers)
        #expect(void.reasons[.programFailed]?.contains("exit status 5") == true, "\(void)")
        #expect(void.reasons[.programFailed]?.contains("tired") == true, "\(void)")
        #expect(try ScriptedProgram.slice(of: workers).value == 1)
    }

    @Test func itsInputEndsBeforeItIsKilled() throws {
        let path = try programs.script("\(Self.counting)\n: >\"$0.ended\"")
        // A busy machine may give it no time to end.
        try eventually("it ended by itself") {
            let workers = try ScriptedProgram.workers([path], Self.settings)
            _ = try ScriptedProgram.slice(of: workers)
            workers.release()
            return SystemFile.exists("\(path).ended")
        }
    }

    @Test func oneThatGoesOnWithoutInputIsKilled() throws {
        let word = "plumbline-\(UInt64.random(in: 0 ... .max))"
        let path = try programs.script("\(Self.counting)\nsleep 1000; : \(word)")
        let workers = try ScriptedProgram.workers([path, word], Self.settings)
        _ = try ScriptedProgram.slice(of: workers)
        #expect(try !ScriptedProgram.processes(with: word).isEmpty)
        workers.release()
        #expect(try ScriptedProgram.processes(with: word).isEmpty)
    }

    @Test func theAnswerToTheGuardTakesNothingOfTheMeasuredPart() throws {
        let workers = try workers(
            """
            while read word; do
                case $word in
                go) : ;;
                stop) sleep 0.2; echo '{"ops": 1}' ;;
                esac
            done
            """)
        defer { workers.release() }
        var opened: UInt64 = 0
        var slice = ResidentWorkers.Slice(guardTime: 1_000_000_000, duration: 1_000_000, seed: 1)
        let start = Clock.monotonicNanoseconds()
        slice.opening = { opened = Clock.monotonicNanoseconds() }
        let counts = try workers.measure(slice)
        #expect(counts.result?.value == 1)
        // A sleep does not end before its time.
        #expect(opened - start >= 1_200_000_000)
    }

    @Test(
        "a failure voids a slice, also one in the guard, and the next one has a new process",
        arguments: [
            ("exit 5", "exit status 5"), ("kill -KILL $$", "signal 9"),
            ("read c; sleep 1000", "500ms"),
        ], [0, 10_000_000])
    func failure(_ failure: (body: String, words: String), guardTime: Int) throws {
        let workers = try workers(
            """
            if [ ! -e "$0.again" ]; then
                : >"$0.again"
                read a; read b; echo '{"ops": 1}'; read a
                \(failure.body)
            fi
            \(Self.counting)
            """, ["timeout": "500ms"])
        defer { workers.release() }
        let void = try ScriptedProgram.slice(of: workers, guardTime: guardTime)
        #expect(void.value == nil)
        #expect(void.reasons.values.contains { $0.contains(failure.words) }, "\(void)")
        let next = try ScriptedProgram.slice(of: workers, guardTime: guardTime)
        #expect(next.reasons.isEmpty, "\(next)")
    }

    @Test(
        "what does not answer is refused before anything is measured",
        arguments: [
            ("cat >/dev/null", "did not answer within"), ("exit 0", "ended with exit status 0"),
            ("read a; read b; echo hello; sleep 100", "there is no JSON"),
            ("read a; read b; echo '{\"ops\": \"x\"}'; sleep 100", "not a number"),
            ("read a; kill -KILL $$", "killed by signal 9"),
            ("read a; read b; head -c 1000000000 /dev/zero; sleep 100", "MiB"),
            ("read a; echo '{\"ops\": 1}'; read b; sleep 100", "printed before `stop`"),
            (
                #"read a; read b; printf '{"ops": 1}\n{"ops": 2}\n'; sleep 100"#,
                "more than one line"
            ),
        ])
    func refused(body: String, words: String) throws {
        let error = try #require(throws: PlumblineError.self) {
            try workers(body, ["timeout": "3s"])
        }
        #expect(error.message.contains(words), "\(error)")
        #expect(error.remedy.contains("prints one line of JSON"))
    }

    @Test func aLineThatComesAfterTheAnswerVoidsTheNextSlice() throws {
        let path = try programs.script(
            """
            if [ ! -e "$0.again" ]; then
                : >"$0.again"
                read a; read b; echo '{"ops": 1}'
                read a; read b; echo '{"ops": 2}'
                while [ ! -e "$0.now" ]; do sleep 0.01; done
                echo late; : >"$0.late"
            fi
            \(Self.counting)
            """)
        let workers = try ScriptedProgram.workers([path], Self.settings)
        defer { workers.release() }
        #expect(try ScriptedProgram.slice(of: workers).value == 2)
        _ = try programs.file("", name: "program.now")
        try eventually("the late line is there") { SystemFile.exists("\(path).late") }
        let void = try ScriptedProgram.slice(of: workers)
        #expect(void.value == nil)
        #expect(void.reasons[.programFailed]?.contains("more than one line") == true, "\(void)")
        #expect(try ScriptedProgram.slice(of: workers).value == 1)
    }

    @Test func oneThatFloodsItsStreamsWhileItWorksIsNotBlocked() throws {
        let workers = try workers(
            """
            while read word; do
                case $word in
                go) head -c 1000000 /dev/zero >&2 ;;
                stop) echo '{"ops": 3}' ;;
                esac
            done
            """)
        defer { workers.release() }
        #expect(try ScriptedProgram.slice(of: workers).value == 3)
    }

    @Test func aSliceWithoutAnAnswerIsVoidAndItsProgramGone() throws {
        let word = "plumbline-\(UInt64.random(in: 0 ... .max))"
        let path = try programs.script(
            """
            read a; read b; echo '{"ops": 1}'
            read a; read b; sleep 1000; : \(word)
            """)
        let workers = try ScriptedProgram.workers(
            [path, word], Self.settings.merging(["timeout": "200ms"]) { $1 })
        defer { workers.release() }
        let result = try ScriptedProgram.slice(of: workers)
        #expect(result.reasons[.timedOut]?.contains("200ms") == true)
        #expect(try ScriptedProgram.processes(with: word).isEmpty)
    }

    @Test func itNeedsAMetricOfItsOwn() {
        for metric in [nil, "time"] as [SettingValue?] {
            #expect(throws: PlumblineError.self) {
                var settings = Self.settings
                settings["metric"] = metric
                _ = try ScriptedProgram.workload(["true"], settings)
            }
        }
    }
}
