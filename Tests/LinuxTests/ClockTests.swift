// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Linux
import SystemPackage
import Testing

extension Kernel {
    @Suite struct ClockTests {
        @Test func theMonotonicClockIsNotSetBack() {
            var last = Clock.monotonicNanoseconds()
            for _ in 0..<1000 {
                let now = Clock.monotonicNanoseconds()
                #expect(now >= last)
                last = now
            }
        }

        @Test func theRealTimeIsAfterThisWasWritten() {
            #expect(Clock.realtimeNanoseconds() > 1_700_000_000_000_000_000)
        }

        @Test func aSleepDoesNotEndEarly() throws {
            let end = Clock.monotonicNanoseconds() + 2_000_000
            try Clock.sleep(until: end)
            #expect(Clock.monotonicNanoseconds() >= end)
            try Clock.sleep(until: 0)
        }

        @Test func theFastClockSaysWhatItReads() throws {
            let clock = FastClock.calibrated()
            let kernel = try? SystemFile.read(
                "/sys/devices/system/clocksource/clocksource0/current_clocksource")
            if kernel != "tsc\n" { #expect(clock.source == .monotonic) }
            #expect(clock.readCostNanoseconds > 0)
            #expect(clock.nanoseconds(0) == 0)
        }

        @Test func aMonotonicFastClockTicksInNanoseconds() {
            let clock = FastClock.monotonic()
            for ticks in [1, 999, 60_000_000_000, UInt64.max / 2, .max] {
                #expect(clock.nanoseconds(ticks) == ticks)
            }
        }

        @Test func conversionGrowsWithTheTicksUpToHours() {
            let clock = FastClock.calibrated()
            let second = clock.nanoseconds(1_000_000_000)
            let hours = clock.nanoseconds(10_000_000_000_000)
            #expect(second > 0)
            #expect(hours / 10_000 >= second)
            #expect(hours / 10_000 <= second + 1)
        }
    }

    @Suite struct CounterTests {
        /// What a machine without a PMU, without perf or without permission answers.
        static let absences: [Errno] = [
            .noSuchFileOrDirectory, .notSupported, .permissionDenied, .notPermitted, .noFunction,
            Errno(rawValue: ENODEV),
        ]

        @Test(arguments: Counter.Kind.allCases)
        func aCounterCountsOrIsKnownToBeAbsent(kind: Counter.Kind) throws {
            do throws(Errno) {
                let counter = try Counter(kind)
                let before = try counter.read()
                #expect(before.counted <= before.wanted)
                let memory = try MappedMemory(bytes: 64 * MappedMemory.pageSize)
                memory.touch()
                let after = try counter.read()
                #expect(after.value >= before.value)
                if kind == .pageFaults { #expect(after.value > before.value) }
            } catch {
                #expect(Self.absences.contains(error))
            }
        }

        @Test func aCountThatTookTurnsIsScaled() {
            let first = Count(value: 100, wanted: 1000, counted: 1000)
            let later = Count(value: 150, wanted: 1400, counted: 1100)
            #expect(first.isWhole && first.scaled == 100)
            let between = later.since(first)
            #expect(between == Count(value: 50, wanted: 400, counted: 100))
            #expect(!between.isWhole && between.scaled == 200)
            #expect(Count(value: 0, wanted: 400, counted: 0).scaled == 0)
        }

        @Test func aProcessThatIsNotThereCannotBeCounted() {
            let expected = Self.absences + [.noSuchProcess]
            do throws(Errno) {
                _ = try Counter(.pageFaults, process: Int32.max, inherit: false)
                Issue.record("there is no such process")
            } catch {
                #expect(expected.contains(error))
            }
        }
    }
}
