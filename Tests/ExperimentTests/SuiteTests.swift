// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Protocol
import Testing

@testable import Experiment
@testable import Suites

struct SuiteTests {
    private func parse(
        _ text: String, _ overrides: Overrides = Overrides()
    ) throws(PlumblineError) -> SuiteRecord {
        try SuiteParser.parse(SuiteSource(place: "s.yaml", text: text), overrides: overrides)
    }

    private func refusal(_ text: String) -> PlumblineError? {
        #expect(throws: PlumblineError.self) { try parse(text) }
    }

    @Test(arguments: SuiteSource.builtInNames)
    func everyBuiltInSuiteIsValidAndNamedAsItIsCalled(name: String) throws {
        let suite = try SuiteParser.parse(SuiteSource.find(name))
        #expect(suite.name == name)
        #expect(!suite.summary.isEmpty)
        #expect(Set(suite.cells.map(\.name)).count == suite.cells.count)
    }

    @Test func smokeIsPlannedToTakeLessThanFortySeconds() throws {
        let suite = try SuiteParser.parse(SuiteSource.find("smoke"))
        #expect(Plan(.run, suite, seed: 0).plannedTime < 40_000_000_000)
    }

    @Test func aProgramThatRunsOnceASliceLeavesOtherCellsTheirShortSlices() throws {
        let (pipe, program) = ("  - workload: pipe\n", "  - {workload: command, run: 'true'}\n")
        let mixed = try parse("suite: s\ncells:\n\(pipe)\(program)").withShortSlices()
        #expect(mixed.slice == 50_000_000 && mixed.guardTime == 10_000_000)
        #expect(mixed.cells.map { mixed.time(of: $0) } == [60_000_000, 1_000_000_000])
        let alone = try parse("suite: s\ncells:\n\(program)").withShortSlices()
        #expect(alone.slice == 1_000_000_000 && alone.guardTime == 0)
        let given = try parse("suite: s\nslice: 300ms\ncells:\n\(pipe)\(program)")
        #expect(given.time(of: given.cells[1]) == 300_000_000)
        #expect(given.time(of: given.cells[0]) == 300_000_000 + given.guardTime)
    }

    @Test func thePeersOfALabelAreGivenTheSameSizesFilesAndPlaces() throws {
        let suite = try SuiteParser.parse(SuiteSource.find("peers"))
        let labels = Dictionary(grouping: suite.cells, by: { $0.peer ?? "" })
        #expect(labels.mapValues(\.count) == ["pipe": 2, "direct reads": 3])
        func words(_ cell: CellPlan) -> [String] {
            if case .words(let words)? = cell.settings["run"] { words } else { [] }
        }
        func number(_ cell: CellPlan, _ setting: String) -> String {
            cell.settings[setting]?.text ?? "none"
        }
        let pipes = try #require(labels["pipe"])
        #expect(pipes[0].workload == "pipe" && pipes[1].workload == "command")
        let names = [
            "writers", "readers", "msgsize", "pipe_size", "writer_cpus", "reader_cpus",
        ]
        #expect(words(pipes[1]) == ["pipe-baseline", "stay"] + names.map { number(pipes[0], $0) })

        let reads = try #require(labels["direct reads"])
        let (ours, loop, fio) = (reads[0], reads[1], reads[2])
        #expect(ours.workload == "dio")
        // Both have the storage of ours, and the file that ours reads.
        for cell in [loop, fio] {
            #expect(cell.settings["storage"] == ours.settings["storage"])
            #expect(cell.settings["size"] == ours.settings["size"])
        }
        let (size, block) = (number(ours, "size"), number(ours, "bs"))
        let (depth, cpu) = (number(ours, "iodepth"), number(ours, "cpus_allowed"))
        #expect(
            words(loop)
                == ["dio-baseline", "stay", "{file}", size, block, depth, "1", "1", cpu])
        let options = Dictionary(
            words(fio).dropFirst().map { word in
                let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            }, uniquingKeysWith: { first, _ in first })
        #expect(options["filename"] == "{file}")
        for (option, setting) in [("size", "size"), ("bs", "bs")] {
            let bytes = options[option].flatMap { ByteSize($0) }?.bytes
            #expect(bytes.map(String.init) == number(ours, setting), "\(option)")
        }
        for option in ["rw", "ioengine", "iodepth"] {
            #expect(options[option] == number(ours, option), "\(option)")
        }
        #expect(options["cpus_allowed"] == cpu)
        #expect(options["fixedbufs"] == "1" && options["registerfiles"] == "1")
        #expect(number(ours, "fixedbufs") == "1" && number(ours, "registerfiles") == "1")
        #expect(number(ours, "timing") == "off" && options["gtod_reduce"] == "1")
        #expect(options["runtime"] == "\(suite.slice / 1_000_000)ms")
    }

    @Test(
        "a label stands in the plan, and not in the name",
        arguments: ["pipe", "direct reads", "größe 2"])
    func label(text: String) throws {
        let plain = try parse("suite: s\ncells:\n  - workload: pipe\n")
        let labelled = try parse("suite: s\ncells:\n  - workload: pipe\n    peer: '\(text)'\n")
        #expect(labelled.cells.map(\.peer) == [text])
        #expect(plain.cells.map(\.peer) == [nil])
        #expect(labelled.cells == plain.cells)
        let encoded = try LineCodec.encode(labelled.cells[0])
        #expect(try LineCodec.decode(CellPlan.self, from: encoded).peer == text)
    }

    @Test(arguments: ["''", "[a, b]", "' a'", "\"a\\nb\"", String(repeating: "x", count: 65), "~"])
    func aLabelThatIsNoneIsRefusedWithItsPlace(text: String) throws {
        let error = try #require(
            refusal("suite: s\ncells:\n  - workload: pipe\n    peer: \(text)\n"))
        #expect(error.kind == .usage)
        #expect(error.message.hasPrefix("s.yaml:4:11: "), "\(error)")
    }

    @Test func aCellsControlsHaveNoLabel() throws {
        let suite = try parse(
            "suite: s\ncontrols: 1\ncells:\n  - {workload: pipe, pressure: memcg, peer: p}\n")
        #expect(suite.cells.map(\.peer) == ["p", nil, nil])
    }

    @Test func thePublishedSweepIsThereInFull() throws {
        let suite = try SuiteParser.parse(SuiteSource.find("pipe-prealloc"))
        #expect(suite.cells.count == 3 * 3 * 5)
        #expect(Set(suite.cells.map(\.pressure)) == ["none", "memcg", "anon", "stress-ng"])
    }

    @Test func listsMultiplyAndTheCellsNamesBeginAndEndAsTheyShould() throws {
        let suite = try parse(
            """
            suite: mine
            slice: 250ms
            cells:
              - workload: pipe
                writers: [1, 2]
                msgsize: [4k, 64k, 1m]
                pressure: [none, memcg, {kind: memcg, limit: [32m, 128m]}]
            """)
        #expect(suite.cells.count == 2 * 3 * 4)
        #expect(suite.slice == 250_000_000)
        #expect(suite.cells.allSatisfy { $0.name.hasPrefix("pipe/") })
        #expect(suite.cells[0].name.hasSuffix("/none"))
        #expect(suite.cells[0].settings == ["writers": 1, "msgsize": 4096])
        #expect(suite.cells[3].pressureSettings == ["limit": .integer(128 << 20)])
    }

    @Test(arguments: [
        ("cells: [", "s.yaml:", "broken YAML"),
        ("suite: a\ncells:\n  - workload: pipe\n   msgsize: 4k", "s.yaml:4:", "broken YAML"),
        ("suite: a\nsuite: b\ncells: []", "s.yaml:1:1: ", "key 'suite' is given twice"),
        ("suite: a\ncels: []", "s.yaml:2:1: ", "unknown key 'cels'"),
        (
            "suite: a\ncells:\n  - workload: pipe\n    msgsze: 4k", "s.yaml:4:5: ",
            "unknown setting 'msgsze' for pipe (did you mean msgsize? known: "
        ),
        (
            "suite: a\ncells:\n  - workload: pipe\n    msgsize: 4q", "s.yaml:4:14: ",
            "invalid value '4q' for pipe.msgsize (allowed: 1 to 2147483647)"
        ),
        (
            "suite: a\ncells:\n  - workload: pipe\n    msgsize: [4k, 0]", "s.yaml:4:19: ",
            "invalid value '0' for pipe.msgsize"
        ),
        (
            "suite: a\ncells:\n  - workload: pipe\n    msgsize: 3000000000", "s.yaml:4:14: ",
            "invalid value '3000000000' for pipe.msgsize"
        ),
        (
            "suite: a\ncells:\n  - workload: pip", "s.yaml:3:15: ",
            "unknown workload 'pip'"
        ),
        (
            "suite: a\ncells:\n  - workload: pipe\n    pressure: memcgroup", "s.yaml:4:15: ",
            "unknown pressure 'memcgroup'"
        ),
        (
            "suite: a\ncells:\n  - workload: pipe\n    pressure: {limit: 4m}", "s.yaml:4:15: ",
            "a pressure without kind"
        ),
        ("suite: a\ncells:\n  - msgsize: 4k", "s.yaml:3:5: ", "a cell without workload"),
        ("suite: a\ncells:\n  - pipe", "s.yaml:3:5: ", "a cell must be a mapping"),
        ("suite: a\ncells: pipe", "s.yaml:2:8: ", "cells must be a list"),
        ("suite: a\ncells: []", "s.yaml: ", "it has no cells"),
        ("suite: a", "s.yaml: ", "it has no cells"),
        ("cells:\n  - workload: pipe", "s.yaml: ", "it has no name"),
        ("", "s.yaml: ", "a suite is a YAML mapping"),
        ("- a\n- b", "s.yaml: ", "a suite is a YAML mapping"),
        (
            "suite: a\nslice: [1s]\ncells:\n  - workload: pipe", "s.yaml:2:8: ",
            "slice must be a single value"
        ),
        (
            "suite: a\nslice:\ncells:\n  - workload: pipe", "s.yaml:2:", "slice has no value"
        ),
        (
            "suite: a\nslice: 5\ncells:\n  - workload: pipe", "s.yaml:2:1: ",
            "invalid value '5' for slice (allowed: 0 to 1h, with a unit"
        ),
        (
            "suite: a\nslice: 5ns\ncells:\n  - workload: pipe", "s.yaml: ", "too short to measure"
        ),
        (
            "suite: a\ncells:\n  - workload: pipe\n    msgsize: []", "s.yaml:4:14: ",
            "msgsize is an empty list"
        ),
        (
            "suite: a\ncells:\n  - workload: pipe\n  - workload: pipe", "s.yaml:4:5: ",
            "is given twice"
        ),
        (
            "suite: a\ncells:\n  - workload: dio\n    allow_destructive: 1", "s.yaml:4:5: ",
            "a suite cannot allow"
        ),
        ("suite: a\ncells: &a\n  - *a", "s.yaml:3:5: ", "undefined alias"),
        ("suite: a\n? [x]\n: 1", "s.yaml:2:1: ", "a key cannot be an alias"),
        ("suite: a\u{0}b", "s.yaml", "not text that YAML allows"),
    ])
    func whatIsWrongIsNamedWithItsPlace(text: String, place: String, what: String) {
        let error = refusal(text)
        #expect(error?.kind == .usage)
        #expect(error?.message.hasPrefix(place) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains(what) == true, "\(error?.message ?? "")")
    }

    @Test func theNearestNameIsOffered() {
        let error = refusal("suite: a\ncells:\n  - workload: pipe\n    msgsze: 4k")
        #expect(error?.message.contains("(did you mean msgsize?") == true)
    }

    @Test func aliasesServeAndABombOfThemIsRefused() throws {
        let sizes = try parse(
            """
            suite: a
            cells:
              - {workload: pipe, msgsize: &sizes [4k, 64k]}
              - {workload: pipe, writers: 2, msgsize: *sizes}
            """)
        #expect(sizes.cells.count == 4)
        var bomb = "suite: a\nsummary: &x0 [a, a]\n"
        bomb += "cells:\n"
        for level in 1...40 {
            bomb += "  - &x\(level) [*x\(level - 1), *x\(level - 1)]\n"
        }
        #expect(refusal(bomb)?.message.contains("more than 10000 values") == true)
        #expect(refusal(bomb + "  - {*x40 : 1}\n")?.message.contains("cannot be an alias") == true)
    }

    @Test func deepNestingIsRefused() {
        let deep = "suite: " + String(repeating: "[", count: 200_000)
        #expect(refusal(deep)?.message.hasPrefix("s.yaml:1:") == true)
    }

    @Test func moreThanTenThousandCellsAreRefused() {
        let list = (1...64).map(String.init).joined(separator: ",")
        let error = refusal(
            """
            suite: a
            cells:
              - workload: pipe
                writers: [\(list)]
                readers: [\(list)]
                pipes: [\(list)]
            """)
        #expect(error?.message.contains("more than 10000 cells") == true)
    }

    @Test func aFileThatCannotBeASuiteIsRefusedByName() throws {
        let path = "/tmp/plumbline-suite-\(UInt64.random(in: 0 ... .max)).yaml"
        defer { try? SystemFile.unlink(path) }
        func refused(_ bytes: [UInt8]) throws -> String {
            try Descriptor.open(path, [.write, .create, .truncate]).writeAll(bytes)
            return #expect(throws: PlumblineError.self) { try SuiteSource.find(path) }?.message
                ?? ""
        }
        #expect(try refused([0xff, 0xfe, 0x41]).contains("not UTF-8"))
        #expect(try refused(Array(repeating: 0x20, count: 1 << 20 + 1)).contains("too large"))
        for place in ["/tmp", "/dev/zero", "/nonexistent", "smoek"] {
            let error = #expect(throws: PlumblineError.self) { try SuiteSource.find(place) }
            #expect(error?.message.contains(place) == true)
            #expect(error?.kind == .usage)
        }
    }

    @Test func anOverrideTakesTheListsPlaceAndEqualCellsAreOne() throws {
        let text = """
            suite: a
            cells:
              - {workload: pipe, msgsize: [4k, 64k], pressure: [none, {kind: memcg, limit: 32m}]}
              - {workload: pipe, msgsize: 8k}
            """
        let overrides = try Overrides(
            assignments: ["pipe.msgsize=1m", "memcg.limit=256m", "pressure.memcg.limit=512m"],
            slice: "2s", slices: 7)
        let suite = try parse(text, overrides)
        #expect(suite.cells.count == 2)
        #expect(suite.cells.allSatisfy { $0.settings["msgsize"] == .integer(1 << 20) })
        #expect(suite.cells[1].pressureSettings["limit"] == .integer(512 << 20))
        #expect(suite.slice == 2_000_000_000)
        #expect(suite.slices == 7)
    }

    @Test func onlyCellsThatTheFileHasDifferentAreMerged() throws {
        let overrides = try Overrides(assignments: ["pipe.msgsize=8k"])
        let different = SuiteSource(
            place: "s.yaml",
            text: "suite: a\ncells: [{workload: pipe, msgsize: 4k}, "
                + "{workload: pipe, writers: 1}]")
        let (suite, merged) = try SuiteParser.read(different, overrides: overrides)
        #expect(suite.cells.map(\.name) == Array(merged))
        let error = #expect(throws: PlumblineError.self) {
            try parse("suite: a\ncells: [{workload: pipe}, {workload: pipe}]", overrides)
        }
        #expect(error?.message.contains("is given twice") == true)
    }

    @Test(arguments: [
        "msgsize=4k", "pipe.msgsize", "pip.msgsize=4k", "pipe.msgsze=4k", "pipe.msgsize=0",
        "dio.allow_destructive=1",
    ])
    func anAssignmentThatFitsNothingIsNamed(text: String) {
        let error = #expect(throws: PlumblineError.self) { try Overrides(assignments: [text]) }
        #expect(error?.kind == .usage)
        #expect(error?.message.hasPrefix("--set \(text): ") == true)
    }

    @Test func anAssignmentToWhatTheSuiteLacksIsRefused() {
        let error = #expect(throws: PlumblineError.self) {
            try parse(
                "suite: a\ncells:\n  - workload: pipe", try Overrides(assignments: ["dio.bs=8k"]))
        }
        #expect(error?.message.contains("no cell of s.yaml has dio") == true)
    }

    private static let controlled = """
        suite: a
        cells:
          - workload: pipe
            msgsize: [4k, 64k]
            pressure: [none, {kind: memcg, limit: [32m, 64m], hog_cpus: "1"}, {kind: memcg, hogs: 3}]
            controls: CELL
          - {workload: pipe, msgsize: 64k, pressure: {kind: cgroup, burners: 3}}
        """

    @Test func controlsAreAddedOnceBehindTheirFirstCell() throws {
        let text = Self.controlled
        for text in [
            text.replacing("CELL", with: "true"),
            text.replacing("CELL", with: "0") + "\ncontrols: yes\n",
        ] {
            let suite = try parse(text)
            let names = suite.cells.map { String($0.name.split(separator: "/").last ?? "") }
            let small = [
                "none", "memcg-limit=32MiB-hog_cpus=1", "cgroup", "cgroup-burners=1-hog_cpus=1",
                "memcg-hog_cpus=1", "memcg-hogs=3",
            ]
            // The suite has one of the controls itself, in a place of its own.
            #expect(names == small + ["cgroup-burners=3"] + small + ["cgroup-burners=3"])
            #expect(Set(suite.cells.map(\.name)).count == suite.cells.count)
            #expect(suite.cells[3].settings == suite.cells[1].settings)
            #expect(suite.cells[3].pressureSettings == ["burners": 1, "hog_cpus": .text("1")])
            #expect(Set(suite.cells.map(\.label)).count == suite.cells.count)
        }
        #expect(try parse(text.replacing("CELL", with: "0")).cells.count == 9)
    }

    @Test func controlsOfNothingAndWrongValuesAreRefusedWithTheirPlace() throws {
        let item = "suite: a\ncells:\n  - {workload: pipe, controls: WORD}"
        let none = refusal(item.replacing("WORD", with: "1"))
        #expect(none?.message == "s.yaml:3:5: controls: no cell has controls")
        #expect(none?.remedy == "choose a cell with the pressure memcg")
        let all = refusal("suite: a\ncontrols: 1\ncells: [{workload: pipe}]")
        #expect(all?.message == "s.yaml: controls: no cell has controls")
        let value = refusal(item.replacing("WORD", with: "twice"))
        #expect(value?.message.hasPrefix("s.yaml:3:") == true)
        #expect(value?.message.contains("invalid value 'twice' for controls") == true)
        let overrides = try Overrides(assignments: ["cgroup.burners=2"])
        let set = #expect(throws: PlumblineError.self) {
            try parse(
                "suite: a\ncontrols: 1\ncells: [{workload: pipe, pressure: memcg}]", overrides)
        }
        #expect(set?.message.contains("no cell of s.yaml has cgroup") == true)
    }

    @Test func aGlobThatMatchesNothingNamesSomeCells() throws {
        let suite = try SuiteParser.parse(SuiteSource.find("smoke"))
        #expect(try suite.selecting(["pipe/*"]).cells.allSatisfy { $0.workload == "pipe" })
        let error = #expect(throws: PlumblineError.self) { try suite.selecting(["pype/*"]) }
        #expect(error?.message.contains("--cells 'pype/*' matches none") == true)
        #expect(error?.remedy.contains(suite.cells[0].name) == true)
    }
}
