// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Experiment
import Journal
import Protocol
import Reports

/// What `--list` prints: the cells, and how long they are planned to take.
struct CellList {
    private let suite: SuiteRecord

    init(_ suite: SuiteRecord) { self.suite = suite }

    var text: String {
        let slice = Decimal.time(nanoseconds: Double(suite.slice))
        let guardTime = Decimal.time(nanoseconds: Double(suite.guardTime))
        let seconds = Plan(.run, suite, seed: 0).plannedTime / 1_000_000_000
        let time = ProgressReporter.words(for: .seconds(seconds))
        return suite.cells.map { $0.name + "\n" }.joined()
            + "\n\(Decimal.count(suite.cells.count, "cell")) x "
            + "\(Decimal.count(suite.slices, "slice")) of \(slice) "
            + "with a guard of \(guardTime): about \(time), and the time to set up\n"
    }
}
