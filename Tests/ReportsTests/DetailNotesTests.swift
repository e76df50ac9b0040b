// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Testing

@testable import Reports
@testable import Verdicts

/// What a verdict takes from the details of slices.
struct DetailNotesTests {
    @Test(arguments: [true, false])
    func hogsOnTheWorkersCPUsAreNamed(shares: Bool) throws {
        var builder = JournalBuilder(cells: ["pipe/x/memcg"])
        builder.add(24) { $0.pressure.sharesCPUs = shares }
        let text = try VerdictReport(builder.ended()).text()
        #expect(text.contains("note: hogs share the workers' CPUs") == shares)
    }

    @Test func requestsInFlightAreSaidWhereThereIsAQueue() throws {
        for (depth, words) in [(128, "121.0 of 128 requests in flight"), (1, nil)] {
            var builder = JournalBuilder(cells: ["dio/x/none"])
            builder.journal.header.plan.suite.cells[0].settings = [
                "iodepth": .integer(depth), "storage": "zram",
            ]
            builder.add(24) { $0.evidence.device = ["in_flight": 1210, "readings": 10] }
            let text = try VerdictReport(builder.ended()).text()
            #expect(text.contains(words ?? "in flight") == (words != nil))
        }
    }

    @Test func whereRequestsCompleteInlineNoneIsInFlight() throws {
        for (storage, words) in [
            ("brd", "requests complete inline"), ("virtio", "0.0 of 32 requests in flight"),
        ] {
            var builder = JournalBuilder(cells: ["dio/x/none"])
            builder.journal.header.plan.suite.cells[0].settings = [
                "iodepth": .integer(32), "storage": .text(storage),
            ]
            builder.add(24) { $0.evidence.device = ["in_flight": 0, "readings": 10] }
            let text = try VerdictReport(builder.ended()).text()
            #expect(text.contains("\n  \(words)\n"), "\(text)")
            builder.journal.header.plan.comparison = nil
            builder.journal.header.plan.kind = .run
            let run = RunReport(builder.journal, exitCode: 0).text()
            #expect(run.contains("  requests complete inline\n") == (storage == "brd"), "\(run)")
        }
    }
}
