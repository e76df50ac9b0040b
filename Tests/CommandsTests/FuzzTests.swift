// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Testing

/// A short run of `make fuzz` with a fixed seed.
struct FuzzTests {
    @Test func noParserFailsOnChangedInputs() throws {
        let program = BuiltProgram.path + "-fuzz"
        let result = try Command.run([program, "--inputs", "500", "--seed", "1"])
        #expect(result.succeeded, "\(result.output)")
    }
}
