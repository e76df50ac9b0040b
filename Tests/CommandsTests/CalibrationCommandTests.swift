// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Protocol
import Testing

@testable import Commands
@testable import Doctor
@testable import Reports
@testable import Verdicts

@Suite(.serialized) struct CalibrationCommandTests {
    static func record(cpus: Int = 2, rejections: Int = 9) -> CalibrationRecord {
        let host = Hello(
            toolVersion: "0.1.0", kernelRelease: "6.1.0", kernelVersion: "#1", machine: "x86_64",
            buildID: nil, cpus: cpus, cpuModel: "Example", memory: 1 << 30, pageSize: 4096,
            cgroupVersion: 2, clockSource: "tsc", timer: "tsc", timerCost: 9, timingCost: 20,
            capabilities: [])
        let cell = PlaceboRecord.Cell(
            name: "pipe/a",
            outcomes: ["regressed": rejections, "inconclusive": 200 - rejections])
        return CalibrationRecord(
            machine: .init(host), at: 1, slice: 500_000_000, seed: 1,
            placebos: .init(
                arms: "timing=op", journals: ["1"], unit: "block", units: 10, fewest: 4, most: 16,
                cells: [cell]),
            tail: .init(comparisons: 200, rejections: 9, fewest: 4, most: 16), cells: [],
            lengths: [])
    }

    @Test func aCalibrationIsKeptForItsHardwareWhateverTheKernel() throws {
        let scratch = try ScratchDirectory()
        let store = CalibrationStore(environment: ["XDG_STATE_HOME": "\(scratch.path)/deep/er"])
        var record = Self.record()
        #expect(store.load(for: record.machine) == nil)
        let path = try store.save(record)
        #expect(path.hasPrefix("\(scratch.path)/deep/er/plumbline/calibration-"))
        #expect(store.load(for: record.machine) == record)
        record.tail.rejections = 10
        #expect(try store.save(record) == path)
        #expect(store.load(for: record.machine)?.tail.rejections == 10)
        #expect(try SystemFile.list("\(scratch.path)/deep/er/plumbline").count == 1)
        record.machine.kernelRelease = "7.2"
        #expect(store.load(for: record.machine) != nil)
        #expect(store.load(for: Self.record(cpus: 4).machine) == nil)
        try Descriptor.open(path, [.write, .truncate]).writeAll("{")
        #expect(store.load(for: record.machine) == nil)
    }

    @Test func aCalibrationOfAnotherVersionIsNotRead() throws {
        let scratch = try ScratchDirectory()
        let store = CalibrationStore(environment: ["XDG_STATE_HOME": scratch.path])
        var record = Self.record()
        for version in [2, 4] {
            record.schema = "plumbline.calibration/\(version)"
            _ = try store.save(record)
            #expect(store.load(for: record.machine) == nil)
        }
    }

    @Test func thePlaceIsThatOfTheXDGSpecification() {
        func place(_ environment: [String: String]) -> String? {
            CalibrationStore(environment: environment).directory
        }
        #expect(place(["XDG_STATE_HOME": "/s", "HOME": "/h"]) == "/s/plumbline")
        #expect(place(["HOME": "/h"]) == "/h/.local/state/plumbline")
        #expect(place(["XDG_STATE_HOME": "relative", "HOME": "/h"]) == "/h/.local/state/plumbline")
        #expect(place([:]) == nil)
        #expect(throws: PlumblineError.self) {
            try CalibrationStore(environment: [:]).save(Self.record())
        }
        #expect(throws: PlumblineError.self) {
            try CalibrationStore(environment: ["XDG_STATE_HOME": "/proc"]).save(Self.record())
        }
    }

    @Test func theCommandMeasuresAPlaceboAtEachLengthAndKeepsWhatItShows() async throws {
        let scratch = try ScratchDirectory()
        // Rates that vary without a pattern, so that some comparisons find a difference.
        let agent = try FakeAgentScript(
            answer:
                #"result | sed "s/\"operations\":10,/\"operations\":$((1000 + RANDOM % 99)),/g""#)
        defer { agent.remove() }
        let environment = ["XDG_STATE_HOME": scratch.path]
        let journal = "\(scratch.path)/aa-50ms.jsonl"
        let result = await Invocation(
            [
                "doctor", "--calibrate=5", "--agent", agent.path, "--seed", "3", "--output",
                "\(scratch.path)/aa.jsonl",
            ], environment: environment)
        #expect([0, 5].contains(result.code), "\(result.diagnostics)")
        #expect(result.document.contains("found a difference"))
        #expect(result.document.contains("MDE80"))
        let stored = try StoredJournal(readingFrom: journal)
        let record = try #require(
            CalibrationStore(environment: environment).load(for: .init(stored.header.host)))
        #expect(record.tail.comparisons >= 200)
        #expect(record.placebos.comparisons >= 5 * record.cells.count)
        #expect(stored.ending?.state == .finished)
        #expect(record.cells.count == stored.header.plan.suite.cells.count)
        #expect(record.cells.allSatisfy { $0.blocks >= 6 && $0.detectableIn60 != nil })
        let lengths = record.lengths
        #expect(lengths.map { $0.slice / 1_000_000 } == [20, 50, 100, 500])
        #expect(lengths.allSatisfy { $0.median != nil })
        for length in lengths {
            let path = "\(scratch.path)/aa-\(length.slice / 1_000_000)ms.jsonl"
            let stored = try StoredJournal(readingFrom: path)
            #expect(stored.header.suite.slice == length.slice)
            #expect(length.cells.map(\.name) == stored.header.suite.cells.map(\.name))
        }
        #expect(result.document.contains("best here: slices of"))
        let report = await Invocation(["compare", journal], environment: environment)
        #expect(report.document.contains("Calibration: A/A comparisons on this machine"))
        #expect(report.document.replacing("\n", with: " ").contains("find the smallest"))
        #expect(await !Invocation(["compare", journal]).document.contains("Calibration:"))
        let again = await Invocation(["doctor", "--calibrate", "--journals", journal])
        #expect([0, 5].contains(again.code), "\(again.diagnostics)")
        #expect(again.document.contains("\(record.placebos.comparisons) found a difference"))
        let twice = await Invocation(["doctor", "--calibrate", "--journals", journal, journal])
        #expect(twice.code == 64 && twice.diagnostics.contains("are the same experiment"))
    }

    @Test(arguments: [
        ["--calibrate", "--restore"], ["--minutes", "3"], ["--calibrate=0"], ["--calibrate=x"],
        ["--calibrate", "--minutes", "-1"], ["--seed", "3"],
        ["--calibrate=4.9", "--agent", "/bin/true"], ["--kernel", "6.12"],
        ["--journals", "a.jsonl"], ["--calibrate", "--comparisons", "20"],
        ["--calibrate", "--rounds", "8"], ["--calibrate", "--relinks", "3"],
        ["--calibrate", "--resume"], ["--calibrate", "--kernel", "6.12", "--minutes", "9"],
        ["--calibrate", "--journals", "a.jsonl", "--kernel", "6.12"],
        ["--calibrate", "--journals", "a.jsonl", "--seed", "1"],
        ["--calibrate", "--journals", "/no/such.jsonl"],
        ["--calibrate", "--kernel", "6.12", "--comparisons", "0", "--agent", "/bin/true"],
        ["--calibrate", "--kernel", "6.12", "--rounds", "4", "--agent", "/bin/true"],
    ])
    func wrongUsageIsRefused(arguments: [String]) async {
        #expect(await Invocation(["doctor"] + arguments).code == 64)
    }

    @Test func aKernelIsComparedWithItselfByTheArgumentsOfAb() throws {
        let options = try CalibrationOptions.parse([
            "--kernel", "6.12", "--comparisons", "25", "--rounds", "6", "--seed", "3", "--output",
            "aa.jsonl", "--resume",
        ])
        let ab = try AbCommand.parse(options.comparing("6.12", as: .text))
        #expect(ab.a == "6.12" && ab.b == "6.12" && ab.placebos.comparisons == 25)
        #expect(ab.pair.boots.rounds == 6 && ab.pair.common.seed == 3 && ab.pair.common.resume)
        #expect(ab.pair.common.output == "aa.jsonl" && ab.pair.comparison.budget == "8s")
        let usual = try CalibrationOptions.parse(["--kernel", "6.12"])
        #expect(try AbCommand.parse(usual.comparing("6.12", as: .text)).placebos.comparisons == 20)
        let relinked = try CalibrationOptions.parse(["--kernel", "6.12", "--relinks", "3"])
        #expect(relinked.comparing("6.12", as: .text).suffix(2) == ["--relinks", "3"])
    }

    @Test func theListOfManyComparisonsHasAllRoundsAndBlocks() async {
        let list = await Invocation([
            "ab", "demo", "--a", "6.12", "--b", "6.12", "--cells", "*/none", "--budget", "8s",
            "--comparisons", "20", "--list",
        ])
        #expect(list.document.contains("2 cells x at most 640 blocks"), "\(list)")
        #expect(list.document.contains("in 160 rounds of boots"))
    }

    @Test(arguments: [
        (["--b", "6.12+dio-cache"], "needs the same kernel twice"),
        (["--b", "6.12", "--append-b", "nosmt"], "needs the same kernel twice"),
        (["--b", "6.12", "--comparisons", "1001"], "(allowed: 1 to 1000)"),
        (["--b", "6.12", "--until-decided"], "not supported with --alternate, --until-decided"),
        (["--b", "6.12", "--metric", "instructions"], "or --metric instructions"),
        (["--b", "6.12", "--alternate"], "not supported with --alternate"),
    ])
    func manyComparisonsOfTwoKernelsOrByAnotherRuleAreRefused(
        arguments: [String], words: String
    ) async {
        let result = await Invocation(
            ["ab", "demo", "--a", "6.12", "--comparisons", "2", "--list"] + arguments)
        #expect(result.code == 64)
        #expect(result.diagnostics.contains(words), "\(result.diagnostics)")
    }
}
