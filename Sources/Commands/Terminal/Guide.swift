// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

extension Plumbline: ConsoleCommand {
    /// What `plumbline` alone prints.
    static let guide = """
        Plumbline measures Linux pipes and direct I/O under memory pressure,
        and tells whether a change to the kernel changes their speed.

        EXAMPLES
          plumbline doctor
              shows what this machine can measure
          plumbline run smoke
              measures this kernel
          plumbline toggle smoke --knob vm.swappiness=60,10
              compares two values of a knob, with a verdict for each cell

        `plumbline suite list` lists what can be measured, `plumbline --help`
        all commands, and `plumbline ab --help` tells how two kernels are
        compared.

        """

    /// Prints the guide.
    public func run(on console: Console) throws -> Int32 {
        console.document(Self.guide)
        return 0
    }
}
