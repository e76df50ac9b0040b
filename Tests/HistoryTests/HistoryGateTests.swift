// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Testing

@testable import Reports
@testable import Verdicts

@Suite("A gate holds an experiment against its history") struct HistoryGateTests {
    private let cells = ["pipe/1w1r/4KiB/none"]

    private func gate(
        _ effect: Double, after history: [HistoryEntry], margin: Double = 0.02
    ) throws -> HistoryGate {
        try HistoryGate(
            SampleEntries.entry(500, effect: effect), against: history.points, margin: margin)
    }

    @Test("the usual effect is equivalent, a worse one regressed, a better one improved")
    func outcomes() throws {
        let history = SampleEntries.series([(-3, 20)])
        for (effect, outcome, code) in [
            (-3.0, "equivalent", 0), (-5.0, "regressed", 3), (0.0, "improved", 0),
        ] as [(Double, String, Int32)] {
            let gate = try gate(effect, after: history)
            #expect(gate.cells.map(\.outcome.rawValue) == [outcome])
            #expect(gate.exitCode == code)
            #expect(gate.cells[0].expected?.contains(-3) == true)
            #expect(gate.cells[0].count == 20)
        }
    }

    @Test("more instructions are worse, and a difference below their resolution is none")
    func instructions() throws {
        var history = SampleEntries.series([(0, 10)])
        for place in history.indices {
            history[place].cells[0].metric = "instructions"
            history[place].cells[0].effect = 0
        }
        var entry = SampleEntries.entry(500, effect: 0)
        entry.cells[0].metric = "instructions"
        func outcome(_ effect: Double) throws -> String {
            entry.cells[0].effect = effect
            return try HistoryGate(entry, against: history.points, margin: 0.02).cells[0].outcome
                .rawValue
        }
        #expect(try outcome(1) == "regressed")
        #expect(try outcome(-1) == "improved")
        #expect(try outcome(0.01) == "equivalent")
    }

    @Test("only experiments since the last change count")
    func change() throws {
        let history = SampleEntries.series([(0, 20), (-4, 8)])
        #expect(try gate(-4, after: history).cells.map(\.outcome) == [.equivalent])
        #expect(try gate(0, after: history).cells.map(\.outcome) == [.improved])
        #expect(try gate(0, after: history).cells.map(\.count) == [8])
    }

    @Test("too few, none, and too noisy ones show nothing, which never passes")
    func inconclusive() throws {
        for history in [[], SampleEntries.series([(0, 4)])] {
            let gate = try gate(0, after: history)
            #expect(gate.cells.map(\.outcome) == [.inconclusive])
            #expect(gate.exitCode == 4)
            #expect(gate.cells[0].reason.contains("at least 5 are needed"))
            #expect(HistoryGateReport(gate, inconclusiveIsOK: true).exitCode == 0)
        }
        let noisy = try gate(0, after: SampleEntries.series([(0, 20)]), margin: 0.001)
        #expect(noisy.cells.map(\.outcome) == [.inconclusive])
        #expect(noisy.cells[0].reason.contains("varies too much to exclude"))
    }

    @Test("another suite, machine or baseline is no history, and neither is what came later")
    func strangers() throws {
        var history = SampleEntries.series([(0, 20)])
        for place in history.indices { history[place].experiment.suite = "other" }
        #expect(try gate(0, after: history).cells.map(\.count) == [0])
        let later = (501..<520).map { SampleEntries.entry($0, effect: 0) }
        #expect(try gate(0, after: later).cells.map(\.count) == [0])
    }

    @Test("a history that does not say the kernels' settings is none, and is named")
    func unknownSettings() throws {
        var history = SampleEntries.series([(0, 20)])
        for place in history.indices { history[place].arms[0].settings = nil }
        let cell = try gate(0, after: history).cells[0]
        #expect(cell.count == 0)
        #expect(cell.reason.contains("20 more are from"), "\(cell.reason)")
        #expect(cell.reason.contains("add the journals again"))
    }

    @Test("void rounds are told beside the verdicts, in text and in lines")
    func voidRounds() throws {
        var entry = SampleEntries.entry(500, effect: 0)
        entry.arms[1].voidRounds = 2
        let report = HistoryGateReport(
            try HistoryGate(
                entry, against: SampleEntries.series([(0, 20)]).points, margin: 0.02))
        for text in [
            TextRenderer().render(report, style: .plain),
            try GateRenderer().render(report, style: .plain),
        ] {
            #expect(text.contains("2 void rounds (lost B)"), "\(text)")
        }
        let listing = HistoryListing(
            experiment: entry.experiment, arms: entry.arms, verdicts: ["equivalent": 1])
        #expect(
            TextRenderer().render(HistoryListReport([listing]), style: .plain)
                .contains("1 equivalent; 2 void rounds (lost B)"))
        #expect(
            TextRenderer().render(ExperimentReport([entry]), style: .plain)
                .contains("2 void rounds (lost B)"))
    }

    @Test("an invalid cell is an error, and a regression comes before it")
    func invalid() throws {
        let history = SampleEntries.series([(0, 20)]).map { entry in
            SampleEntries.entry(
                (entry.experiment.startedAt - 1_700_000_000_000_000_000) / SampleEntries.day,
                effect: 0, cells: cells + ["other"])
        }
        var entry = SampleEntries.entry(500, effect: -9, cells: cells + ["other"])
        entry.cells[1].verdict = "invalid"
        let gate = try HistoryGate(entry, against: history.points, margin: 0.02)
        #expect(gate.cells.map(\.outcome) == [.regressed, .invalid])
        #expect(gate.exitCode == 3)
        entry.cells[0].effect = 0
        #expect(try HistoryGate(entry, against: history.points, margin: 0.02).exitCode == 5)
        let lines = try GateRenderer().render(HistoryGateReport(gate), style: .plain)
            .split(separator: "\n")
        #expect(lines.map { $0.split(separator: "\t")[0] } == ["fail", "error"])
    }

    @Test("false alarms over level histories are as rare as the level says")
    func falseAlarms() throws {
        var alarms = 0
        for start in 0..<200 {
            let history = (0..<12).map { SampleEntries.entry(40 * start + $0, effect: 0) }
            let entry = SampleEntries.entry(40 * start + 30, effect: 0)
            let gate = try HistoryGate(entry, against: history.points, margin: 0.02)
            if gate.cells[0].outcome != .equivalent { alarms += 1 }
        }
        // The noise of these entries is uniform and the same each time: a normal one has 5 %.
        #expect((0...20).contains(alarms), "\(alarms) of 200")
    }
}
