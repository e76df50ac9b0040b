// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import LabSupport
import Linux
import Testing

/// A short run of `make fuzz` with a fixed seed; a longer one for `make lab-test`.
struct FuzzTests {
    @Test func noParserFailsOnChangedInputs() throws {
        let program = BuiltProgram.path + "-fuzz"
        let names = try Command.run([program, "--list"]).output.words
        #expect(names.count > 15)
        // Reports are made of each journal in every format, which takes long in a debug build.
        let isLab = ProcessInfo.processInfo.environment["PLUMBLINE_LAB"] == "1"
        let (many, some) = isLab ? ("3000", "500") : ("100", "20")
        for (inputs, names) in [(many, names.filter { $0 != "report" }), (some, ["report"])] {
            let only = names.flatMap { ["--only", $0] }
            let result = try Command.run([program, "--inputs", inputs, "--seed", "1"] + only)
            #expect(result.succeeded, "\(result.output)")
        }
    }
}
