// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage
import Testing

@testable import Workloads

extension Slices {
    /// What fails while pipes and splices are loaded, and nothing is measured yet.
    @Suite struct GuardFaultTests {
        /// A gate that is in its guard, and goes from there to the drain without measuring; again,
        /// with a longer guard each time, until something failed in it.
        private func worker(_ body: (inout Worker) throws -> Void) throws -> Worker {
            var length: UInt64 = 5_000_000
            while true {
                let worker = try worker(guarding: length, body)
                let failures = worker.first.failures[0].count + worker.second.failures[0].count
                if failures > 0 || length > 30_000_000_000 { return worker }
                length *= 2
            }
        }

        private func worker(
            guarding length: UInt64, _ body: (inout Worker) throws -> Void
        ) throws -> Worker {
            let memory = try TallyMemory(workers: 1)
            let gate = memory.gate
            var worker = Worker(index: 0, in: memory, clock: DirectSupport.clock, timed: true)
            gate.turn(to: .guarding)
            let closer = try WorkerThread.start {
                try? Clock.sleep(nanoseconds: length)
                gate.turn(to: .draining)
            }
            try body(&worker)
            closer.join()
            return withExtendedLifetime(memory) { worker }
        }

        private func plan(_ told: [String: SettingValue]) throws -> PipeWorkload {
            try PipeWorkload(
                SettingValues(told, declared: PipeWorkload.settings, owner: PipeWorkload.name))
        }

        private static let loops: [[String: SettingValue]] = [
            [:], ["blocking": false], ["verify": true], ["timing": "off"],
        ]

        @Test("a write that fails in the guard is counted under its errno", arguments: loops)
        func write(told: [String: SettingValue]) throws {
            let plan = try plan(told)
            let ends = try PipeEnds(plan)
            let message = try MappedMemory(bytes: 4096)
            // The end to read from takes no write.
            let worker = try worker {
                let writer = PipeWriter(
                    plan, end: ends.readerNumber, pattern: StreamPattern(seed: 1), number: 0, $0)
                writer.run(UnsafeRawBufferPointer(message.bytes), &$0)
            }
            ends.keep(reader: false, writer: false)
            #expect(worker.first.operations == 0)
            #expect(worker.first.failures[0].errno == Errno.badFileDescriptor.rawValue)
            #expect(worker.first.failures[0].count > 0)
        }

        @Test("a read that fails in the guard is counted under its errno", arguments: loops)
        func read(told: [String: SettingValue]) throws {
            let plan = try plan(told)
            let ends = try PipeEnds(plan)
            let buffer = try MappedMemory(bytes: 8192)
            let worker = try worker {
                let reader = PipeReader(plan, end: ends.writerNumber, $0)
                var verifier = StreamVerifier(
                    pattern: StreamPattern(seed: 1), writers: 0..<1, messageSize: 4096,
                    isOnlyReader: true, isPacket: false)
                reader.run(
                    UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[4096...]), &verifier,
                    worker: &$0)
            }
            ends.keep(reader: false, writer: false)
            #expect(worker.second.operations == 0)
            #expect(worker.second.failures[0].errno == Errno.badFileDescriptor.rawValue)
            #expect(worker.second.failures[0].count > 0)
        }

        @Test("readers that leave once the gate has closed are no failure, before they are one")
        func unread() throws {
            let plan = try plan([:])
            let message = try MappedMemory(bytes: 4096)
            let bytes = UnsafeRawBufferPointer(message.bytes)
            let worker = try worker { worker in
                let writer = PipeWriter(
                    plan, end: -1, pattern: StreamPattern(seed: 1), number: 0, worker)
                let broken = -Int(Errno.brokenPipe.rawValue)
                #expect(writer.finish(bytes, answer: broken, &worker.first) == .unread)
                worker.gate.turn(to: .draining)
                #expect(writer.finish(bytes, answer: broken, &worker.first) == .unread)
            }
            #expect(worker.first.failures[0].errno == Errno.brokenPipe.rawValue)
            #expect(worker.first.failures[0].count == 1)
        }

        @Test("a chunk that cannot be spliced in the guard is counted under its errno")
        func splice() throws {
            let values = try SettingValues(
                ["file_size": "1m"], declared: SpliceWorkload.settings, owner: "splice")
            let plan = try SpliceWorkload(values)
            let pattern = StreamPattern(seed: 1)
            let files = try SpliceFiles(
                plan, job: 0, directory: "/tmp", pattern: pattern, pulse: {})
            let memory = try MappedMemory(bytes: 4096)
            // A source that has become empty has no chunk to give.
            try Descriptor.open("/proc/self/fd/\(files.sourceNumber)", .write).truncate(to: 0)
            let worker = try worker {
                let mover = SpliceMover(plan, files, input: memory.bytes, output: memory.bytes)
                let job = SpliceJob(plan, mover, pattern: pattern, number: 0)
                var operation = 1
                job.run(&$0, operation: &operation)
                #expect(operation == 1)
            }
            #expect(worker.first.operations == 0)
            #expect(worker.first.failures[0].errno == Errno.ioError.rawValue)
            #expect(worker.first.failures[0].count > 0)
        }
    }
}
