// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Testing

@testable import History
@testable import Verdicts

@Suite("A store keeps what is added to it") struct HistoryStoreTests {
    private let scratch: Scratch
    private var path: String { "\(scratch.path)/new/directory/history.sqlite" }

    init() throws { scratch = try Scratch() }

    private func adding() throws(PlumblineError) -> HistoryStore {
        try HistoryStore(path, for: .adding)
    }

    private func all(_ store: HistoryStore) throws -> [HistoryEntry] {
        var entries: [HistoryEntry] = []
        try store.forEach {
            entries.append($0)
            return true
        }
        return entries
    }

    @Test("an experiment is stored once, in a new directory, and comes back as it was")
    func once() throws {
        let entry = SampleEntries.entry(3, effect: -1.25)
        #expect(try adding().add([entry]) == [.added])
        #expect(try adding().add([entry, entry]) == [.unchanged, .unchanged])
        #expect(try all(HistoryStore(path, for: .reading)) == [entry])
    }

    @Test("a journal that grew replaces its entry, and a shorter one does not")
    func growth() throws {
        let store = try adding()
        var entry = SampleEntries.entry(1, effect: 0)
        entry.experiment.ending = nil
        #expect(try store.add([entry]) == [.added])
        var longer = entry
        longer.experiment.slices += 8
        longer.experiment.ending = "finished"
        longer.cells[0].units += 1
        #expect(try store.add([longer]) == [.replaced])
        #expect(try store.add([entry]) == [.older])
        #expect(try all(store) == [longer])
        // The same id in another run of the clock is another experiment.
        longer.experiment.startedAt += 1
        #expect(try store.add([longer]) == [.added])
    }

    @Test("a judgement of an older version replaces none of a newer one, whatever its length")
    func judgements() throws {
        let store = try adding()
        var entry = SampleEntries.entry(1, effect: 0)
        entry.experiment.judgedBy = "0.10.0"
        #expect(try store.add([entry]) == [.added])
        var older = entry
        older.experiment.judgedBy = "0.9.3"
        older.cells[0].verdict = "regressed"
        #expect(try store.add([older]) == [.judgedByOlder])
        older.experiment.slices += 8
        #expect(try store.add([older]) == [.judgedByOlder])
        #expect(try all(store) == [entry])
        older.experiment.judgedBy = "0.10.1"
        #expect(try store.add([older]) == [.replaced])
        #expect(try all(store) == [older])
    }

    @Test("all is added, or nothing")
    func transaction() throws {
        let store = try adding()
        var broken = SampleEntries.entry(2, effect: 0)
        broken.arms.append(broken.arms[0])
        #expect(throws: PlumblineError.self) {
            try store.add([SampleEntries.entry(1, effect: 0), broken])
        }
        #expect(try all(store).isEmpty)
    }

    @Test("lists are filtered by suite, machine and cell, full name or short, the newest first")
    func filters() throws {
        let store = try adding()
        let cells = ["pipe/1w1r/4KiB/none", "pipe/1w1r/64KiB/memcg"]
        let others = SampleEntries.entry(
            3, effect: 0, cells: ["dio"], suite: "weekly", machine: "testbox: Other CPU")
        _ = try store.add([
            SampleEntries.entry(1, effect: 0), SampleEntries.entry(2, effect: 0, cells: cells),
            others,
        ])
        func ids(
            suite: String? = nil, machine: String? = nil, cell: String? = nil, limit: Int? = nil
        ) throws -> [String] {
            try store.list(.init(suite: suite, machine: machine, cell: cell), limit: limit)
                .map { String($0.experiment.id.suffix(1)) }
        }
        #expect(try ids() == ["3", "2", "1"])
        #expect(try ids(limit: 1) == ["3"])
        #expect(try ids(suite: "night*") == ["2", "1"])
        #expect(try ids(machine: "testbox") == ["3"])
        #expect(try ids(cell: "*/memcg") == ["2"])
        #expect(try ids(cell: "pipe 3") == ["3"])
        #expect(try ids(cell: "pipe*", limit: 2) == ["3", "2"])
        #expect(try ids(suite: "none").isEmpty)
        #expect(try store.list().last?.verdicts == ["inconclusive": 1])
    }

    @Test("an id is found by its beginning, whatever is in it")
    func prefixes() throws {
        let store = try adding()
        var entries = (1...3).map { SampleEntries.entry($0, effect: 0) }
        entries[0].experiment.id = "a%"
        entries[1].experiment.id = "ab"
        entries[2].experiment.id = "abc"
        _ = try store.add(entries)
        func found(_ prefix: String) throws -> [String] {
            try store.experiments(withPrefix: prefix, limit: 9).map(\.experiment.id)
        }
        #expect(try found("a%") == ["a%"])
        #expect(try found("ab") == ["ab", "abc"])
        #expect(try found("_").isEmpty)
        #expect(try store.experiments(withPrefix: "a", limit: 2).count == 2)
    }

    @Test("points of a cell come in the order of time, whatever the order of adding")
    func order() throws {
        let store = try adding()
        let entries = SampleEntries.series([(0, 6)])
        _ = try store.add(entries.reversed())
        let points = try store.points(ofCells: ["pipe/1w1r/4KiB/none"]).map(\.point.experiment)
        #expect(points == entries.map(\.experiment.id))
        #expect(try store.points(.init(cell: "pipe*")).count == 6)
        #expect(try store.points(.init(cell: "dio*")).isEmpty)
    }

    @Test("the store is named by the option, else by the environment")
    func places() throws {
        func path(_ option: String?, _ environment: [String: String]) throws(PlumblineError)
            -> String
        {
            try HistoryStore.path(option: option, environment: environment)
        }
        let all = ["PLUMBLINE_HISTORY": "/h", "XDG_DATA_HOME": "/d", "HOME": "/home/x"]
        #expect(try path("own", all) == "own")
        #expect(try path(nil, all) == "/h")
        #expect(
            try path(nil, ["XDG_DATA_HOME": "/d", "HOME": "/x"]) == "/d/plumbline/history.sqlite")
        #expect(
            try path(nil, ["XDG_DATA_HOME": "d", "HOME": "/x"])
                == "/x/.local/share/plumbline/history.sqlite")
        #expect(throws: PlumblineError.self) { try path(nil, [:]) }
    }
}
