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
    private static func record(cpus: Int = 2) -> CalibrationRecord {
        let host = Hello(
            toolVersion: "0.1.0", kernelRelease: "6.1.0", kernelVersion: "#1", machine: "x86_64",
            buildID: nil, cpus: cpus, cpuModel: "Example", memory: 1 << 30, pageSize: 4096,
            cgroupVersion: 2, clockSource: "tsc", timer: "tsc", timerCost: 9, timingCost: 20,
            capabilities: [])
        return CalibrationRecord(
            machine: .init(host), at: 1, slice: 500_000_000, seed: 1, comparisons: 200,
            rejections: 9, fewest: 4, most: 16, cells: [])
    }

    @Test func aCalibrationIsKeptForItsHardwareWhateverTheKernel() throws {
        let scratch = try ScratchDirectory()
        let store = CalibrationStore(environment: ["XDG_STATE_HOME": "\(scratch.path)/deep/er"])
        var record = Self.record()
        #expect(store.load(for: record.machine) == nil)
        let path = try store.save(record)
        #expect(path.hasPrefix("\(scratch.path)/deep/er/plumbline/calibration-"))
        #expect(store.load(for: record.machine) == record)
        record.rejections = 10
        #expect(try store.save(record) == path)
        #expect(store.load(for: record.machine)?.rejections == 10)
        #expect(try SystemFile.list("\(scratch.path)/deep/er/plumbline").count == 1)
        record.machine.kernelRelease = "7.2"
        #expect(store.load(for: record.machine) != nil)
        #expect(store.load(for: Self.record(cpus: 4).machine) == nil)
        try Descriptor.open(path, [.write, .truncate]).writeAll("{")
        #expect(store.load(for: record.machine) == nil)
    }

    @Test func aCalibrationOfAnOlderVersionIsReadAndOneOfANewerIsNot() throws {
        let scratch = try ScratchDirectory()
        let store = CalibrationStore(environment: ["XDG_STATE_HOME": scratch.path])
        var record = Self.record()
        record.schema = "plumbline.calibration/1"
        _ = try store.save(record)
        #expect(store.load(for: record.machine) == record)
        record.schema = "plumbline.calibration/3"
        _ = try store.save(record)
        #expect(store.load(for: record.machine) == nil)
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
                "doctor", "--calibrate=3", "--agent", agent.path, "--seed", "3", "--output",
                "\(scratch.path)/aa.jsonl",
            ], environment: environment)
        #expect([0, 5].contains(result.code), "\(result.diagnostics)")
        #expect(result.document.contains("comparisons found a difference"))
        #expect(result.document.contains("MDE80"))
        let stored = try StoredJournal(readingFrom: journal)
        let record = try #require(
            CalibrationStore(environment: environment).load(for: .init(stored.header.host)))
        #expect(record.comparisons >= 200)
        #expect(record.cells.count == stored.header.plan.suite.cells.count)
        #expect(record.cells.allSatisfy { $0.blocks >= 6 && $0.detectableIn60 != nil })
        let lengths = try #require(record.lengths)
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
        #expect(report.document.contains("find the smallest"))
        #expect(await !Invocation(["compare", journal]).document.contains("Calibration:"))
    }

    @Test(arguments: [
        ["--calibrate", "--restore"], ["--minutes", "3"], ["--calibrate=0"], ["--calibrate=x"],
        ["--calibrate", "--minutes", "-1"], ["--seed", "3"],
        ["--calibrate=2.9", "--agent", "/bin/true"],
    ])
    func wrongUsageIsRefused(arguments: [String]) async {
        #expect(await Invocation(["doctor"] + arguments).code == 64)
    }
}
