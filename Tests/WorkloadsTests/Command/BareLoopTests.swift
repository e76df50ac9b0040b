// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Testing

@testable import Workloads

/// The bare C loops of the suite `peers`, as programs that stay.
@Suite(.serialized) struct BareLoopTests {
    /// The loops that are built beside the tests.
    private static func path(_ name: String) throws -> String {
        let own = try SystemFile.ownProgram()
        let here = [own, CommandLine.arguments[0]].compactMap { path in
            path.lastIndex(of: "/").map { "\(path[..<$0])/\(name)" }
        }
        return here.first(where: SystemFile.exists) ?? ".build/debug/\(name)"
    }

    private func slices(
        _ run: [String], _ metric: String, count: Int = 3, in directory: String? = nil
    ) throws -> [ProgramResult] {
        var settings: [String: SettingValue] = [
            "contract": "stay", "metric": .text("json:\(metric)"), "unit": "ops/s",
        ]
        if directory != nil {
            settings["storage"] = "directory"
            settings["size"] = "1m"
        }
        let workers = try ResidentWorkers(
            ScriptedProgram.workload(run, settings),
            in: WorkloadEnvironment(directory: directory, seed: 3), clock: ShortSlice.clock,
            ResidentWorkers.Options())
        defer { workers.release() }
        return try (0..<count).map { _ in
            // A busy machine may give a short slice no time.
            var duration = 20_000_000
            while true {
                let counts = try workers.measure(
                    .init(guardTime: 1_000_000, duration: duration, seed: 7))
                let result = try #require(counts.result)
                if (result.value ?? 0) > 0 || duration > 10_000_000_000 { return result }
                duration *= 2
            }
        }
    }

    @Test func thePipeLoopAnswersEachSliceWithItsRate() throws {
        let run = [try Self.path("pipe-baseline"), "stay", "2", "1", "4096", "65536", "0", "0"]
        for result in try slices(run, "writes_per_second") {
            #expect(result.reasons.isEmpty)
            #expect((result.value ?? 0) > 0)
        }
    }

    @Test func theDirectLoopAnswersEachSliceWithItsRate() throws {
        let programs = try ScriptedProgram()
        let run = [
            try Self.path("dio-baseline"), "stay", "{file}", "1048576", "4096", "4", "2", "2", "0",
        ]
        for result in try slices(run, "reads_per_second", in: programs.directory) {
            #expect(result.reasons.isEmpty)
            #expect((result.value ?? 0) > 0)
        }
    }

    @Test func aLoopThatCannotReadItsFileSaysSo() throws {
        let run = [
            try Self.path("dio-baseline"), "stay", "/no/such/file", "4096", "4096", "1", "1", "1",
            "0",
        ]
        let error = try #require(throws: PlumblineError.self) {
            try slices(run, "reads_per_second")
        }
        #expect(error.message.contains("open failed"), "\(error)")
    }

    @Test(arguments: ["pipe-baseline", "dio-baseline"])
    func withoutItsArgumentsALoopSaysWhatTheyAre(name: String) throws {
        let result = try Command.run([try Self.path(name), "stay"])
        #expect(!result.succeeded)
        #expect(result.output.contains("usage:"))
    }
}
