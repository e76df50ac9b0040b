// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage
import Testing

extension Kernel {
    @Suite struct SharingTests {
        @Test func aThreadRunsItsBodyOnce() throws {
            let runs = Box(0)
            let thread = try WorkerThread.start { runs.value += 1 }
            thread.join()
            #expect(runs.value == 1)
        }

        @Test func leavingTheScopeJoinsTheThread() throws {
            let runs = Box(0)
            do {
                let thread = try WorkerThread.start {
                    try? Clock.sleep(nanoseconds: 5_000_000)
                    runs.value = 1
                }
                _ = thread
            }
            #expect(runs.value == 1)
        }

        @Test func threadsCountTogether() throws {
            let memory = try MappedMemory(bytes: 16)
            let word = SharedWord(in: memory.bytes, at: 0)
            let count = SharedCounter(in: memory.bytes, at: 8)
            let work: @Sendable () -> Void = {
                for _ in 0..<10_000 {
                    word.add(1)
                    count.add(1 << 32)
                }
            }
            let first = try WorkerThread.start(work)
            let second = try WorkerThread.start(work)
            first.join()
            second.join()
            #expect(word.load() == 20_000)
            #expect(word.loadRelaxed() == 20_000)
            #expect(count.load() == 20_000 << 32)
            count.store(3)
            #expect(count.add(.max) == 2)
        }

        @Test func aFutexWakesAcrossProcesses() throws {
            let memory = try MappedMemory(bytes: 8, shared: true)
            let gate = SharedWord(in: memory.bytes, at: 0)
            let answer = SharedWord(in: memory.bytes, at: 4)
            let child = try ChildProcess.fork {
                while gate.load() == 0 { try? gate.wait(while: 0) }
                answer.store(5)
                return (try? answer.wake()) == nil ? 1 : 0
            }
            gate.store(1)
            try gate.wake()
            while answer.load() == 0 { try answer.wait(while: 0) }
            #expect(answer.load() == 5)
            #expect(try child.wait() == .exited(0))
        }

        @Test func aWordThatDiffersDoesNotSleepAndOneThatStaysTimesOut() throws {
            let memory = try MappedMemory(bytes: 4)
            let word = SharedWord(in: memory.bytes, at: 0)
            try word.wait(while: 1)
            #expect(throws: Errno.timedOut) {
                try word.wait(while: 0, timeoutNanoseconds: 1_000_000)
            }
            #expect(throws: Errno.timedOut) { try word.wait(while: 0, timeoutNanoseconds: 0) }
            #expect(try word.wake() == 0)
        }

        @Test func spinningIsHarmless() { Clock.spinHint() }
    }
}
