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
}
