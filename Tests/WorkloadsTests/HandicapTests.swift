// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Testing

@testable import Workloads

extension Slices {
    @Suite struct HandicapTests {
        /// Where other work wants the CPUs too, a worker that never sleeps loses more to it.
        private static let aboutHalf = 0.15...0.85

        /// The handicapped rate over the plain one, from slices in turn.
        private func ratio<W: Workload>(
            _ type: W.Type, _ told: [String: SettingValue], percent: Double,
            directory: String? = nil
        ) throws -> Double {
            var operations = [0.0, 0.0]
            var seconds = [0.0, 0.0]
            for index in [0, 1, 1, 0, 1, 0, 0, 1] {
                var told = told
                told["handicap"] = .number(index == 0 ? 0 : percent)
                let workload = try W(
                    SettingValues(told, declared: W.settings, owner: W.name))
                let runner = SliceRunner(
                    guardTime: 30_000_000, duration: 100_000_000, clock: DirectSupport.clock)
                let counts = try runner.run(
                    workload, in: WorkloadEnvironment(directory: directory, seed: 1))
                operations[index] += Double(counts.operations)
                seconds[index] += Double(counts.interval)
            }
            return operations[1] / seconds[1] / (operations[0] / seconds[0])
        }

        @Test(
            "A handicap of 100 % halves the rate of a pipe, whatever its workers are",
            arguments: [
                [:], ["timing": "off"], ["verify": true], ["workers": "process"],
                ["writers": 2, "pipe_size": "1m"],
            ] as [[String: SettingValue]])
        func pipes(told: [String: SettingValue]) throws {
            let ratio = try ratio(PipeWorkload.self, told, percent: 100)
            #expect(Self.aboutHalf.contains(ratio), "\(ratio)")
        }

        @Test(
            "A handicap of 100 % halves the rate of direct I/O",
            arguments: [["ioengine": "psync"], ["iodepth": 4], ["timing": "off"]]
                as [[String: SettingValue]])
        func files(told: [String: SettingValue]) throws {
            try DirectSupport.withDirectory { directory in
                var told = told
                told["size"] = "4m"
                let ratio = try ratio(
                    DirectWorkload.self, told, percent: 100, directory: directory)
                #expect(Self.aboutHalf.contains(ratio), "\(ratio)")
            }
        }

        @Test("A fixed rate and a handicap do not go together")
        func rates() throws {
            let told: [String: SettingValue] = ["handicap": 5.0, "rate": 100]
            let error = #expect(throws: PlumblineError.self) {
                try PipeWorkload(
                    SettingValues(told, declared: PipeWorkload.settings, owner: "pipe"))
            }
            #expect(error?.message.contains("fixed rate") == true)
        }

        @Test("A handicap shows in a cell's name, and none does not")
        func names() throws {
            func name(_ value: SettingValue) throws -> String {
                try PipeWorkload(
                    SettingValues(
                        ["handicap": value], declared: PipeWorkload.settings, owner: "pipe")
                ).cellName
            }
            #expect(try name("5%") == "1w1r/64KiB/default/handicap=5.0")
            #expect(try name("0") == "1w1r/64KiB/default")
        }

        @Test(
            "A pause lies at the end of a window and is as long as its share and half an operation")
        func pauses() {
            let clock = FastClock.monotonic()
            var handicap = Handicap(percent: 25, clock: clock)
            #expect(handicap.isOn && handicap.next == .max)
            let window = Handicap.window
            handicap.start(7 * window + 1)
            #expect(handicap.next == 8 * window - window / 5)
            #expect(!Handicap(percent: 0, clock: clock).isOn)
        }
    }
}
