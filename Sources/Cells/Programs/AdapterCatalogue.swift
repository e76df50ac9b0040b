// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Every adapter there is.
package enum AdapterCatalogue {
    /// In the order of the help texts. One that knows a subcommand stands alone for it.
    package static let all: [ProgramAdapter] =
        [.fio, .ringBenchmark, .pipeBenchmark, .hackbench, .cyclictest] + ProgramAdapter.perf
        + [.stressNg] + ProgramAdapter.lmbench

    /// The adapter of this name.
    package static func adapter(_ name: String) -> ProgramAdapter? {
        all.first { $0.name == name }
    }

    /// The metric of this name.
    static func metric(_ name: String, of adapter: String) -> MetricRequest? {
        self.adapter(adapter)?.metric(named: name)
    }

    /// The adapter for the program that a command line starts.
    package static func recognising(_ command: [String]) -> ProgramAdapter? {
        all.first { $0.recognises(command) }
    }
}
