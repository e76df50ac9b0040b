// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import LabSupport
import Linux
import Machine
import TestSupport
import Testing

@testable import Commands

@Suite(.serialized)
struct ToggleCommandTests {
    /// A journal, a suite of one pipe cell, and a file that is a knob; removed at the end.
    private final class Place {
        let stem = "/tmp/plumbline-toggle-\(UInt64.random(in: 0 ... .max))"
        var journal: String { stem + ".jsonl" }
        var suite: String { stem + ".yaml" }
        var knob: String { stem + ".knob" }

        init() throws {
            try Descriptor.open(knob, [.write, .create]).writeAll("60\n")
            try Descriptor.open(suite, [.write, .create]).writeAll(
                "suite: tiny\nguard: 20ms\nslice: 30ms\ncells:\n- workload: pipe\n")
        }

        deinit { for path in [journal, suite, knob] { try? SystemFile.unlink(path) } }

        var value: String { (try? SystemFile.read(knob)) ?? "" }
    }

    private func toggle(_ arguments: [String]) async -> Invocation {
        await Invocation(["toggle"] + arguments)
    }

    // What the handicap does to the rate is the machine's affair; `make bench` shows it.
    @Test func aRealToggleMeasuresBothArmsAndEndsWithAVerdict() async throws {
        let place = try Place()
        let agent = ["--output", place.journal, "--agent", Built.agent]
        let result = await toggle(
            [
                place.suite, "--knob", "set:handicap=0,100", "--blocks", "8", "--seed", "3",
                "--format", "json",
            ] + agent)
        let verdict = Self.verdicts.first {
            result.document.contains("\"verdict\":\"\($0.key)\"")
        }
        #expect(result.code == verdict?.value, "\(result.diagnostics)\(result.document)")
        let journal = try StoredJournal(readingFrom: place.journal)
        #expect(journal.header.plan.suite.cells.map(\.name) == ["pipe/1w1r/64KiB/default/none"])
        #expect(journal.header.plan.suite.warmup == 2_000_000_000)
        #expect(Set(journal.slices.map(\.arm)) == [.a, .b])
        let size = try SystemFile.readBytes(place.journal).count
        let run = await Invocation(["run", place.suite, "--resume"] + agent)
        #expect(run.code == 64)
        #expect(
            run.diagnostics.contains(
                "holds another experiment, which was started with 'plumbline toggle"))
        #expect(try SystemFile.readBytes(place.journal).count == size)
    }

    /// Verdicts, each with its exit code.
    private static let verdicts: [String: Int32] = [
        "regressed": 3, "inconclusive": 4, "invalid": 5, "improved": 0, "equivalent": 0,
    ]

    @Test func anArmOfHalfTheRateHasRegressed() async throws {
        let place = try Place()
        let half = #"result | sed 's/"operations":10,/"operations":5,/g'"#
        let agent = try FakeAgentScript(
            answer: #"if [[ $plan == *'"handicap":100'* ]]; then \#(half); else result; fi"#)
        defer { agent.remove() }
        let options = ["--output", place.journal, "--agent", agent.path]
        let result = await toggle(
            [place.suite, "--knob", "set:handicap=0,100", "--blocks", "8"] + options)
        #expect(result.code == 3, "\(result.diagnostics)\(result.document)")
        #expect(result.document.contains("regressed"))
        let json = await toggle(
            [place.suite, "--resume", "--format", "json", "--quiet"] + options)
        #expect(json.code == 3, "\(json.diagnostics)")
        #expect(json.document.contains(#""verdict":"regressed""#))
        #expect(json.diagnostics.isEmpty)
    }

    @Test func withoutAnEarlyStopEveryPlannedBlockIsMeasured() async throws {
        let half = #"result | sed 's/"operations":10,/"operations":5,/g'"#
        let agent = try FakeAgentScript(
            answer: #"if [[ $plan == *'"handicap":100'* ]]; then \#(half); else result; fi"#)
        defer { agent.remove() }
        for (options, isWhole) in [([], false), (["--no-early-stop"], true)] {
            let place = try Place()
            let result = await toggle(
                [
                    place.suite, "--knob", "set:handicap=0,100", "--blocks", "48", "--output",
                    place.journal, "--agent", agent.path,
                ] + options)
            #expect(result.code == 3, "\(result.diagnostics)\(result.document)")
            #expect(result.document.contains("n=48") == isWhole)
        }
    }

    @Test(.enabled(if: (try? Counter.tryInstructions()) ?? 0 > 0, "no PMU counts here"))
    func aRealToggleFindsLongerMessagesByTheirInstructions() async throws {
        let place = try Place()
        let result = await toggle([
            place.suite, "--knob", "set:msgsize=4k,64k", "--blocks", "6", "--seed", "3",
            "--metric", "pmu", "--output", place.journal, "--agent",
            Built.agent,
        ])
        // Somebody else who counts at the same time makes slices void.
        guard !result.document.contains("void: uncounted") else { return }
        #expect(result.code == 3, "\(result.diagnostics)\(result.document)")
        #expect(result.document.contains(" instr/op"))
        #expect(try StoredJournal(readingFrom: place.journal).header.metric == .pmu)
    }

    @Test func aMachineThatDoesNotCountIsRefusedBeforeTheFirstSlice() async throws {
        let place = try Place()
        let agent = try FakeAgentScript()
        defer { agent.remove() }
        let result = await toggle([
            place.suite, "--knob", "set:timing=op,op", "--metric", "pmu", "--output",
            place.journal, "--agent", agent.path,
        ])
        #expect(result.code == 1)
        #expect(result.diagnostics.contains("cannot be counted here"))
        #expect(!SystemFile.exists(place.journal))
    }

    @Test func aPlaceboOnAMachineWithoutNoiseIsEquivalent() async throws {
        let place = try Place()
        let agent = try FakeAgentScript()
        defer { agent.remove() }
        let result = await toggle([
            place.suite, "--knob", "\(place.knob)=60,60", "--blocks", "6", "--output",
            place.journal, "--agent", agent.path,
        ])
        #expect(result.code == 0, "\(result.diagnostics)\(result.document)")
        #expect(result.document.contains("equivalent"))
        let other = await toggle([
            place.suite, "--knob", "\(place.knob)=60,61", "--resume", "--blocks", "6",
            "--output", place.journal, "--agent", agent.path,
        ])
        #expect(other.code == 64)
        #expect(other.diagnostics.contains("holds another experiment"))
        let wrong = await toggle(["smoke", "--resume", "--output", place.journal])
        #expect(wrong.code == 64)
    }

    @Test func aCellThatFailsOnOneArmOnlyIsInvalidAndNamesTheError() async throws {
        let place = try Place()
        let agent = try FakeAgentScript(
            answer: #"if [[ $plan == *'"handicap":5'* ]]; then failed failure; else result; fi"#)
        defer { agent.remove() }
        let result = await toggle([
            place.suite, "--knob", "set:handicap=0,5", "--blocks", "6", "--output",
            place.journal, "--agent", agent.path,
        ])
        #expect(result.code == 5, "\(result.diagnostics)\(result.document)")
        #expect(result.document.contains("no luck"), "\(result.document)")
    }

    @Test func allSlicesVoidIsInvalid() async throws {
        let place = try Place()
        let agent = try FakeAgentScript(
            answer: #"result | sed 's/"reasons":{}/"reasons":{"unpressured":"x"}/'"#)
        defer { agent.remove() }
        let result = await toggle([
            place.suite, "--knob", "set:handicap=0,5", "--blocks", "6", "--output",
            place.journal, "--agent", agent.path,
        ])
        #expect(result.code == 5, "\(result.diagnostics)\(result.document)")
    }

    @Test func listTellsArmsAndTimeAndRunsNothing() async throws {
        let result = await toggle([
            "smoke", "--cells", "pipe/*/none", "--knob", "vm.swappiness=60,10", "--list",
            "--agent", "/nonexistent",
        ])
        #expect(result.code == 0)
        #expect(result.document.contains("A: vm.swappiness=60\nB: vm.swappiness=10\n"))
        #expect(result.document.contains("blocks of 4 slices of 50.0ms"))
    }

    @Test(arguments: [
        (["smoke"], "no --knob"), (["smoke", "--knob", "x"], "no '='"),
        (["smoke", "--knob", "vm.swappiness=1,2", "--knob", "vm.swappiness=1,2"], "twice"),
        (["smoke", "--knob", "set:rate=1,2"], "with --cells"),
        (["smoke", "--knob", "vm.nonesuch=1,2", "--agent", "/bin/true"], "/proc/sys/vm/nonesuch"),
        (["smoke", "--knob", "kernel.osrelease=1,2", "--agent", "/bin/true"], "be written"),
        (["smoke", "--knob", "cmd:a,b", "--budget", "1s"], "--budget 1.44s or more"),
        (["smoke", "--knob", "cmd:a,b", "--budget", "10"], "invalid value '10' for --budget"),
        (["smoke", "--knob", "cmd:a,b", "--blocks", "5"], "at least 6 blocks"),
        (
            ["smoke", "--knob", "cmd:a,b", "--blocks", "9", "--budget", "60s"],
            "not supported with --budget"
        ),
        (["smoke", "--knob", "cmd:a,b", "--max-budget", "9m"], "--until-decided"),
        (
            ["smoke", "--knob", "cmd:a,b", "--until-decided", "--no-early-stop"],
            "not supported with --until-decided"
        ),
        (["smoke", "--knob", "cmd:a,b", "--equivalence", "0.02"], "allowed: above 0% to 50%"),
        (["smoke", "--knob", "cmd:a,b", "--equivalence", "0%"], "allowed: above 0% to 50%"),
        (["smoke", "--resume"], "name the journal with --output"), ([], "suite"),
        (["smoke", "--resume", "--list"], "--list is not supported with --resume without a knob"),
        (["smoke", "--knob", "cmd:a,b", "--rounds", "5"], "without --kernel"),
        (["smoke", "--knob", "cmd:a,b", "--memory", "2g"], "without --kernel"),
        (["smoke", "--switch", "pipe-preallok"], "did you mean pipe-prealloc?"),
        (["smoke", "--switch", "pipe-prealloc=Y"], "1 values"),
        (["smoke", "--knob", "module:pipe=N,Y"], "not MODULE.PARAMETER"),
        (["smoke", "--kernel", "x/y"], "no --knob"),
        (["smoke", "--kernel", "x/y", "--knob", "cmd:a,b", "--rounds", "4"], "allowed: 5 to 1000"),
        (["smoke", "--kernel", "x/y", "--knob", "cmd:a,b", "--blocks", "7"], "allowed: 8 to"),
        (
            ["smoke", "--kernel", "x/y", "--knob", "cmd:a,b", "--metric", "pmu"],
            "not supported in a guest"
        ),
        (["smoke", "--kernel", "/etc/hostname", "--knob", "cmd:a,b"], "is not a kernel"),
    ])
    func wrongUsageIsOneMessageAndExitCode64(arguments: [String], message: String) async {
        let place = "/tmp/plumbline-toggle-wrong-\(UInt64.random(in: 0 ... .max)).jsonl"
        let output = arguments.contains("--resume") ? [] : ["--output", place]
        let result = await toggle(arguments + output)
        #expect(result.code == 64, "\(result.diagnostics)")
        #expect(result.diagnostics.contains(message), "\(result.diagnostics)")
        #expect(result.document.isEmpty)
        #expect(!SystemFile.exists(place))
    }

    @Test(arguments: [
        ("6.12", "--switch", "pipe-prealloc", "6.12 has no switch pipe-prealloc"),
        ("6.12", "--switch", "pipe-prealloc", "with it: 6.12+pipe-prealloc, 7.2+pipe-prealloc"),
        ("7.2", "--switch", "pipe-prealloc", "7.2 has no switch pipe-prealloc"),
        ("6.12+dio-cache", "--switch", "dio-kmemcache", "6.12+dio-kmemcache, 7.2+dio-kmemcache"),
        ("6.13", "--knob", "vm.swappiness=1,2", "--kernel: unknown kernel variant '6.13'"),
    ])
    func aKernelWithoutTheKnobIsRefusedBeforeItIsBuilt(
        kernel: String, option: String, value: String, words: String
    ) async throws {
        let scratch = try ScratchDirectory()
        let journal = "\(scratch.path)/j"
        let result = await Invocation(
            [
                "toggle", "smoke", "--kernel", kernel, option, value, "--agent", "/bin/true",
                "--output", journal,
            ], environment: ["HOME": scratch.path])
        #expect(result.code == 64, "\(result.diagnostics)")
        #expect(result.diagnostics.contains(words), "\(result.diagnostics)")
        #expect(!SystemFile.exists(journal))
    }

    @Test("a comparison has the slices that its suite states, and short ones where it states none")
    func slices() async throws {
        let scratch = try ScratchDirectory()
        for (own, options, words) in [
            ("", [], "slices of 50.0ms with a guard of 10.0ms"),
            ("slice: 70ms", [], "slices of 70.0ms with a guard of 125ms"),
            ("slice: 70ms\nguard: 9ms", [], "slices of 70.0ms with a guard of 9.00ms"),
            ("slice: 70ms", ["--slice", "80ms"], "slices of 80.0ms"),
        ] {
            let suite = "\(scratch.path)/s.yaml"
            try Descriptor.open(suite, [.write, .create, .truncate]).writeAll(
                "suite: s\n\(own)\ncells: [{workload: pipe}]\n")
            for command in [
                ["toggle", suite, "--knob", "set:timing=op,op"],
                ["ab", suite, "--a", "6.12", "--b", "6.12+dio-cache"],
            ] {
                let list = await Invocation(command + options + ["--list"])
                #expect(list.document.contains(words), "\(list.document) \(list.diagnostics)")
            }
        }
    }

    @Test func listTellsTheRoundsOfAGuest() async throws {
        let result = await toggle([
            "smoke", "--cells", "pipe/*/none", "--kernel", "6.12+pipe-prealloc", "--switch",
            "pipe-prealloc", "--list",
        ])
        #expect(result.code == 0, "\(result.diagnostics)")
        #expect(result.document.contains("A: pipe.prealloc=N\nB: pipe.prealloc=Y\n"))
        #expect(result.document.contains("in 8 rounds of boots"))
    }

    @Test func aKnobOfAKilledControllerIsPutBackByDoctor() async throws {
        let place = try Place()
        let agent = try FakeAgentScript(answer: "sleep 1; result")
        defer { agent.remove() }
        let null = try Descriptor.open("/dev/null", .write)
        let controller = try Command.spawn(
            [
                Built.plumbline, "toggle", place.suite, "--knob",
                "\(place.knob)=70,80", "--output", place.journal, "--agent", agent.path,
            ], output: null)
        // The journal's header comes after the agent's greeting, the knob is tried before it.
        try eventually("the journal has its header") {
            (try? StoredJournal(readingFrom: place.journal)) != nil
        }
        #expect(["70\n", "80\n"].contains(place.value))
        try controller.kill(ChildProcess.killSignal)
        _ = try controller.wait()
        #expect(["70\n", "80\n"].contains(place.value))
        let restored = UndoLog.restoreAbandoned().map(\.description)
        #expect(restored.contains("write '60' back to \(place.knob): done"), "\(restored)")
        #expect(place.value == "60\n")
        // What was measured is there to go on from.
        #expect((try? StoredJournal(readingFrom: place.journal)) != nil)
    }
}
