// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import LabSupport
import Linux
import Protocol
import Testing

@testable import Guests

/// Foreign programs that run in guests.
@Suite(
    .serialized,
    .enabled(
        if: GuestKernel.isThere,
        "needs QEMU, `make build`, and a kernel by `plumbline kernel build`"))
struct GuestProgramTests {
    private func cell(_ name: String, _ settings: [String: SettingValue]) -> CellPlan {
        CellPlan(
            name: name, workload: CommandWorkload.name, settings: settings, pressure: "none",
            pressureSettings: [:])
    }

    @Test func programsRunWithTheirLibrariesInterpretersAndFiles() async throws {
        let scratch = try Scratch()
        let library = "\(scratch.path)/libanswer.so"
        let program = "\(scratch.path)/a program"
        try scratch.file("answer.c", "int answer(void) { return 42; }")
        try scratch.file(
            "program.c",
            """
            #include <stdio.h>
            #include <string.h>
            int answer(void);
            int main(void) {
              char line[16];
              while (fgets(line, sizeof line, stdin))
                if (!strcmp(line, "stop\\n")) { printf("{\\"ops\\": %d}\\n", answer()); fflush(stdout); }
            }
            """)
        let made = try Command.run([
            "sh", "-ec",
            """
            cd '\(scratch.path)'
            gcc -shared -fPIC -o libanswer.so answer.c
            gcc -o 'a program' program.c libanswer.so '-Wl,-rpath,$ORIGIN'
            """,
        ])
        try #require(made.succeeded, "\(made.output)")
        #expect(SystemFile.exists(library))
        let data = try scratch.file("data", "ops: 7\n")
        let script = try scratch.file("script", "#!/usr/bin/env bash\ncat '\(data)'\n")
        _ = try Command.run(["chmod", "+x", script])
        var suite = GuestKernel.suite
        suite.slice = 20_000_000
        suite.cells = [
            cell(
                "stays",
                [
                    "run": .words([program]), "contract": "stay", "metric": "json:ops",
                    "better": "higher",
                ]),
            cell(
                "starts",
                [
                    "run": .words([script]), "metric": "key:ops", "better": "higher",
                    "files": .words([data, "/bin/cat"]),
                ]),
            cell("fails", ["run": .words(["sh", "-c", "echo broken >&2; exit 3"])]),
        ]
        let result = try await GuestKernel.run(suite)
        #expect(result.messages == "")
        let slices = try #require(result.journal).slices
        #expect(slices.count == 6)
        for slice in slices {
            switch slice.cell {
            case "stays": #expect(slice.isValid && slice.value == 42, "\(slice.reasons)")
            case "starts": #expect(slice.isValid && slice.value == 7, "\(slice.reasons)")
            default:
                let why = slice.reasons[Validity.Reason.programFailed.rawValue]
                #expect(why?.contains("broken") == true, "\(slice.reasons)")
            }
        }
    }

    /// A cell of a program that prints a number called `ops`.
    private func counting(
        _ name: String, _ run: [String], _ settings: [String: SettingValue] = [:]
    ) -> CellPlan {
        cell(
            name,
            ["run": .words(run), "metric": "key:ops", "better": "higher"]
                .merging(settings) { $1 })
    }

    /// Cells of bad programs, with the reason that voids their slices and words of it.
    private func badCells(
        _ stays: String
    ) -> [(plan: CellPlan, reason: Validity.Reason, words: String)] {
        func shell(_ name: String, _ line: String) -> CellPlan {
            counting(name, ["sh", "-c", line])
        }
        let files = SettingValue.words(["/bin/sleep", "/usr/bin/head"])
        return [
            (shell("nothing", ":"), .noMetric, "the program printed nothing"),
            (
                counting("garbage", ["head", "-c", "300", "/dev/urandom"]), .noMetric,
                "was not printed; the output begins with"
            ),
            (shell("two", "echo ops: 1; echo ops: 2"), .noMetric, "2 times"),
            (shell("nan", "echo ops: nan"), .noMetric, "nan"),
            (
                counting("endless", ["sleep", "1000"], ["timeout": "300ms"]), .timedOut, "300ms"
            ),
            (
                counting(
                    "children", ["sh", "-c", "sleep 1000 & sleep 1000"],
                    ["timeout": "300ms", "files": files]), .timedOut, "300ms"
            ),
            (
                cell(
                    "ends",
                    [
                        "run": .words([stays]), "contract": "stay", "metric": "json:ops",
                        "better": "higher",
                    ]), .programFailed, "exit status 0"
            ),
            (shell("signal", "kill -SEGV $$"), .programFailed, "signal 11"),
            (
                counting(
                    "gigabyte", ["sh", "-c", "echo ops: 1; head -c 1000000000 /dev/zero"],
                    // An emulated guest of a busy machine takes minutes at worst.
                    ["files": files, "timeout": "30m"]), .noMetric, "allowed: 4MiB"
            ),
        ]
    }

    @Test("in one guest, each bad program voids its own slices, and the guest goes on")
    func badPrograms() async throws {
        let scratch = try Scratch()
        // It answers when it is tried, and ends upon its next word.
        let stays = try scratch.file(
            "stays", "#!/bin/sh\nread a; read b; echo '{\"ops\": 1}'; read a\n")
        let odd = try scratch.file("a 'b\" $c\nd", "#!/bin/sh\necho ops: \"$#\"\n")
        for path in [stays, odd] { _ = try Command.run(["chmod", "+x", path]) }
        let bad = badCells(stays)
        var suite = GuestKernel.suite
        suite.slice = 20_000_000
        suite.slices = 1
        // What is odd in its name alone is not bad.
        suite.cells =
            bad.map(\.plan) + [
                counting("odd", [odd, "a 'b\"\n", "", "*", "$HOME"]),
                counting("good", ["sh", "-c", "echo ops: 7"]),
            ]
        let result = try await GuestKernel.run(suite)
        #expect(result.messages == "")
        let journal = try #require(result.journal)
        #expect(journal.failures.isEmpty && journal.voidRounds.isEmpty)
        // The order is a matter of chance. There is one guest, which is not started again.
        let slices = Dictionary(grouping: journal.slices, by: \.cell)
        #expect(slices.mapValues(\.count) == suite.cells.reduce(into: [:]) { $0[$1.name] = 1 })
        for (plan, reason, words) in bad {
            let slice = try #require(slices[plan.name]?.first)
            #expect(!slice.isValid && slice.value == nil, "\(plan.name)")
            #expect(Array(slice.reasons.keys) == [reason.rawValue], "\(plan.name)")
            let why = slice.reasons[reason.rawValue]
            #expect(why?.contains(words) == true, "\(plan.name): \(slice.reasons)")
        }
        for (name, value) in [("odd", 4.0), ("good", 7)] {
            let slice = try #require(slices[name]?.first)
            #expect(slice.isValid && slice.value == value, "\(name): \(slice.reasons)")
        }
    }
}
