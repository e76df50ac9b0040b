// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol

/// One sitting of a toggle: works through blocks until every cell has its answer.
struct ToggleSitting: Sitting {
    private let report: @Sendable (RunProgress) -> Void
    private var runner: BlockRunner<KnobBench>

    /// A sitting that goes on from where the runner's courses are.
    init(_ runner: BlockRunner<KnobBench>, report: @escaping @Sendable (RunProgress) -> Void) {
        self.runner = runner
        self.report = report
    }

    mutating func run(
        _ writer: JournalWriter, greeted: (Hello) throws(PlumblineError) -> Void
    ) async throws(PlumblineError) -> RunController.Outcome {
        let report = report
        let (slices, time) = (runner.slicesLeft, runner.remaining())
        try await conduct(writer) { (hello) throws(PlumblineError) in
            try greeted(hello)
            report(.started(kernel: hello.kernelRelease, slices: slices, remaining: time))
        }
        return runner.outcome
    }

    mutating func greeting() async throws(PlumblineError) -> Hello {
        try await runner.bench.greeting()
    }

    mutating func end() async { await runner.bench.end() }

    mutating func work(
        _ writer: JournalWriter
    ) async throws(PlumblineError) -> JournalEvent.Ending.State {
        try await runner.run(writer)
        return runner.outcome.interrupted ? .interrupted : .finished
    }
}
