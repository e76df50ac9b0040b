// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Testing

@testable import Workloads

extension Slices {
    @Suite struct HandicapTests {
        /// The least that a pause takes at 100 %, nanoseconds, less what a conversion may cut off.
        private static let half = Handicap.window / 2 - 1000

        /// A slice in which each of some workers a track made several pauses at least.
        private func expectPauses<W: Workload>(
            _ type: W.Type, _ told: [String: SettingValue], workers: [UInt64],
            directory: String? = nil
        ) throws {
            let counts = try ShortSlice.run(
                type, told.merging(["handicap": 100]) { $1 }, in: directory, milliseconds: 100
            ) { counts in
                counts.tracks.count == workers.count
                    && zip(counts.tracks, workers).allSatisfy { $0.pauses >= 4 * $1 }
            }
            try #require(counts.tracks.count == workers.count)
            for (track, workers) in zip(counts.tracks, workers) {
                #expect(track.operations > 0)
                #expect(track.pauses >= 4 * workers)
                // The gate may have ended each worker's last one.
                #expect(track.pausedTime >= (track.pauses - workers) * Self.half)
                // One a window and worker, of which the first and the last are cut.
                #expect(track.pauses <= workers * (track.interval / Handicap.window + 2))
            }
            let plain = try ShortSlice.run(type, told, in: directory) { $0.operations > 0 }
            #expect(plain.operations > 0)
            #expect(plain.tracks.allSatisfy { $0.pauses == 0 && $0.pausedTime == 0 })
        }

        @Test(
            "A handicap of 100 % takes half of each window from a pipe, whatever its workers are",
            arguments: [
                [:], ["timing": "off"], ["verify": true], ["workers": "process"],
                ["writers": 2, "pipe_size": "1m"],
            ] as [[String: SettingValue]])
        func pipes(told: [String: SettingValue]) throws {
            try expectPauses(
                PipeWorkload.self, told, workers: [told["writers"] == nil ? 1 : 2, 1])
        }

        @Test(
            "A handicap of 100 % takes half of each window from direct I/O",
            arguments: [["ioengine": "psync"], ["iodepth": 4], ["timing": "off"]]
                as [[String: SettingValue]])
        func files(told: [String: SettingValue]) throws {
            try DirectSupport.withDirectory { directory in
                try expectPauses(
                    DirectWorkload.self, told.merging(["size": "4m"]) { $1 }, workers: [1],
                    directory: directory)
            }
        }

        @Test("A pause lasts to its window's end, is counted with its time, and the next is later")
        func windows() throws {
            let clock = DirectSupport.clock
            let memory = try TallyMemory(workers: 1)
            let gate = memory.gate
            gate.turn(to: .measuring)
            var handicap = Handicap(percent: 100, clock: clock)
            var recorder = TrackRecorder(clock: clock)
            let period = clock.ticks(nanoseconds: Handicap.window)
            let length = period / 2
            handicap.start(clock.ticks())
            for number in 1...5 as ClosedRange<UInt64> {
                let due = handicap.next
                #expect(due % period == period - length)
                handicap.pause(gate, &recorder)
                #expect(clock.ticks() >= due + length)
                #expect(recorder.pauses == number)
                #expect(recorder.pausedTicks >= number * length)
                #expect(recorder.lastTicks >= due + length)
                #expect(handicap.next > due && (handicap.next - due) % period == 0)
            }
            withExtendedLifetime(memory) {}
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
