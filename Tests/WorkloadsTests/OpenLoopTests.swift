// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Synchronization
import Testing

@testable import Workloads

extension Slices {
    /// Operations at due times.
    @Suite struct OpenLoopTests {
        private let clock = DirectSupport.clock

        @Test("what was due while the loop was held up comes next, each with its own due time")
        func pacer() throws {
            let memory = try TallyMemory(workers: 1)
            memory.gate.turn(to: .measuring)
            var pacer = Pacer(rate: 1000, clock: clock)
            let opening = pacer.next(memory.gate)
            let first = try #require(opening)
            try Clock.sleep(nanoseconds: 20_000_000)
            let held = clock.ticks()
            for number in 1...20 as ClosedRange<UInt64> {
                let next = pacer.next(memory.gate)
                let due = try #require(next)
                #expect(due == first + clock.ticks(nanoseconds: number * 1_000_000))
                #expect(due <= held)
            }
            memory.gate.turn(to: .draining)
            // The first that lies ahead ends with the gate.
            while let due = pacer.next(memory.gate) { #expect(due <= clock.ticks()) }
        }

        /// Ticks at which a message had come, and at which the gate was closed.
        private final class Moments: Sendable {
            let values = Mutex<(arrival: UInt64, end: UInt64)>((0, 0))
        }

        @Test("five writes a second last as long as the slice, not as long as the writes")
        func slowRate() throws {
            let plan = try PipeWorkload(
                SettingValues(
                    ["rate": 5, "msgsize": 1000], declared: PipeWorkload.settings, owner: "pipe"))
            let ends = try PipeEnds(plan)
            let reading = ends.readerNumber
            let message = try MappedMemory(bytes: 1000)
            let memory = try TallyMemory(workers: 1)
            let gate = memory.gate
            var worker = Worker(index: 0, in: memory, clock: clock, timed: true)
            gate.turn(to: .measuring)
            let moments = Moments()
            let closer = try WorkerThread.start { [clock] in
                var buffer = [UInt8](repeating: 0, count: 1000)
                _ = RawCall.read(reading, into: &buffer, count: 1000)
                let arrival = clock.ticks()
                try? Clock.sleep(nanoseconds: 50_000_000)
                moments.values.withLock { $0 = (arrival, clock.ticks()) }
                gate.turn(to: .draining)
            }
            let start = clock.ticks()
            let writer = PipeWriter(
                plan, end: ends.writerNumber, pattern: StreamPattern(seed: 1), number: 0, worker)
            writer.run(UnsafeRawBufferPointer(message.bytes), &worker)
            let whole = clock.nanoseconds(clock.ticks() - start)
            closer.join()
            ends.keep(reader: false, writer: false)
            let (arrival, end) = moments.values.withLock { $0 }
            let interval = worker.first.lastTicks - worker.first.firstTicks
            #expect(worker.first.operations >= 1)
            #expect(worker.first.operations <= whole / 200_000_000 + 1)
            #expect(interval >= end - arrival)
            withExtendedLifetime(memory) {}
        }
    }
}
