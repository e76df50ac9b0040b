// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import Glibc
import Linux
import SystemPackage
import Testing

extension Kernel {
    @Suite struct ProcessTests {
        @Test(arguments: [0, 1, 255] as [Int32])
        func theBodysAnswerIsTheExitStatus(status: Int32) throws {
            let child = try ChildProcess.fork { status }
            #expect(try child.wait() == .exited(status))
        }

        @Test func aKilledChildTellsTheSignal() throws {
            let child = try ChildProcess.fork {
                while true { pause() }
            }
            #expect(try child.wait(noHang: true) == nil)
            try child.kill()
            #expect(try child.wait() == .signalled(SIGKILL))
            #expect(throws: Errno.noChildProcess) { try child.wait() }
            #expect(throws: Errno.noSuchProcess) { try child.kill() }
        }

        @Test func aChildIgnoresWhatInterruptsItsParent() throws {
            let child = try ChildProcess.fork {
                for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { raise(signal) }
                return 3
            }
            #expect(try child.wait() == .exited(3))
        }

        @Test func usageOfAChildIsTold() throws {
            let child = try ChildProcess.fork {
                guard let memory = try? MappedMemory(bytes: 1 << 20) else { return 1 }
                memory.touch()
                return 0
            }
            let ended = try #require(try child.waitWithUsage())
            #expect(ended.exit == .exited(0))
            #expect(ended.usage.minorFaults > 0)
            #expect(ended.usage.maxResidentBytes > 0)
        }

        @Test func aThreadsUsageGrowsAndAddsUp() throws {
            let before = try ResourceUsage.ofCurrentThread()
            try MappedMemory(bytes: 1 << 20).touch()
            let used = try ResourceUsage.ofCurrentThread().since(before)
            #expect(used.minorFaults > 0)
            var sum = used
            sum.add(used)
            #expect(sum.minorFaults == 2 * used.minorFaults)
            #expect(sum.maxResidentBytes == used.maxResidentBytes)
        }

        @Test func aGrandchildDiesWithItsParent() throws {
            let pipe = try Pipe()
            let child = try ChildProcess.fork {
                let grandchild = try? ChildProcess.fork {
                    while true { pause() }
                }
                return grandchild == nil ? 1 : 0
            }
            #expect(try child.wait() == .exited(0))
            let reader = pipe.takeReader()
            #expect(
                try reader.poll(.input, timeoutMilliseconds: 60_000) == .hangUp,
                "the grandchild held the last writer")
        }

        @Test func identitiesAreTold() throws {
            let parent = ChildProcess.currentID
            let child = try ChildProcess.fork { ChildProcess.parentID == parent ? 0 : 1 }
            #expect(try child.wait() == .exited(0))
            #expect(ChildProcess.userID == Int32(geteuid()))
        }

        @Test func aNameCanBeTaken() throws {
            let child = try ChildProcess.fork {
                try? ChildProcess.setCurrentName("plumb-test")
                return (try? SystemFile.read("/proc/self/comm")) == "plumb-test\n" ? 0 : 2
            }
            #expect(try child.wait() == .exited(0))
        }

        @Test func anInterruptEndsASleepAndIsPending() throws {
            let memory = try MappedMemory(bytes: 4, shared: true)
            let ready = SharedWord(in: memory.bytes, at: 0)
            let child = try ChildProcess.fork {
                guard (try? Interrupts.catch()) != nil, Interrupts.pending == nil else { return 1 }
                ready.store(1)
                do throws(Errno) {
                    try Clock.sleep(nanoseconds: 60_000_000_000)
                    return 2
                } catch {
                    return error == .interrupted ? (Interrupts.pending ?? 3) : 4
                }
            }
            while ready.load() == 0 { sched_yield() }
            // Again until it ends: a signal before the sleep begins does not end it.
            var exit: ChildProcess.Exit?
            while exit == nil {
                try child.kill(ChildProcess.terminateSignal)
                try Clock.sleep(nanoseconds: 5_000_000)
                exit = try child.wait(noHang: true)
            }
            #expect(exit == .exited(SIGTERM))
        }

        @Test func catchingForgetsAnEarlierInterrupt() throws {
            let child = try ChildProcess.fork {
                try? Interrupts.catch()
                raise(SIGINT)
                guard Interrupts.pending == SIGINT else { return 1 }
                try? Interrupts.catch()
                guard Interrupts.pending == nil else { return 2 }
                try? Interrupts.ignore()
                raise(SIGINT)
                return Interrupts.pending == nil ? 0 : 3
            }
            #expect(try child.wait() == .exited(0))
        }

        @Test func limitsAreToldAndRaised() throws {
            let child = try ChildProcess.fork {
                for limit in ResourceLimit.allCases {
                    guard (try? limit.raiseToHard()) != nil, let now = try? limit.current(),
                        now.soft == now.hard
                    else { return 1 }
                }
                return 0
            }
            #expect(try child.wait() == .exited(0))
        }
    }

    @Suite struct CommandTests {
        @Test func outputAndStatusComeBack() throws {
            let result = try Command.run(["sh", "-c", "echo out; echo err >&2; exit 7"])
            #expect(result.exit == .exited(7))
            #expect(!result.succeeded)
            #expect(result.output == "out\nerr\n")
            #expect(!result.isTruncated)
        }

        @Test func argumentsArriveAsTheyAre() throws {
            let odd = ["a b", "", "\"$HOME\"", "é"]
            let result = try Command.run(["printf", "%s|"] + odd)
            #expect(result.output == odd.map { $0 + "|" }.joined())
            #expect(result.succeeded)
        }

        @Test func standardInputIsEmpty() throws {
            #expect(try Command.run(["cat"]).output == "")
        }

        @Test func muchOutputIsDrainedAndCut() throws {
            let result = try Command.run(
                ["sh", "-c", "head -c 1000000 /dev/zero"], outputLimit: 1000)
            #expect(result.succeeded)
            #expect(result.isTruncated)
            #expect(result.output.utf8.count == 1000)
        }

        @Test func aMissingProgramIsReported() {
            #expect(throws: Errno.noSuchFileOrDirectory) { try Command.run(["/no/such/program"]) }
            #expect(throws: Errno.invalidArgument) { try Command.run([]) }
        }

        @Test func aSlowProgramIsKilled() {
            #expect(throws: Errno.timedOut) {
                try Command.run(["sleep", "1000"], timeoutMilliseconds: 10)
            }
        }

        @Test func aDaemonHoldingTheOutputDoesNotHoldTheCaller() throws {
            let result = try Command.run(["sh", "-c", "sleep 1000 & echo $!"])
            #expect(result.succeeded)
            let daemon = try #require(Int32(result.output.dropLast()))
            try ChildProcess(id: daemon).kill()
        }

        @Test func theProgramHasDefaultSignalsAndNoneBlocked() throws {
            let child = try ChildProcess.fork {
                try? Interrupts.ignore()
                let status = try? Command.run(["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"])
                let lines = status?.output.split(separator: "\n") ?? []
                // glibc leaves its own two signals, 32 and 33, ignored in what it spawns.
                let own: UInt64 = 0b11 << 31
                let isClean = lines.allSatisfy { line in
                    let mask = line.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) }
                    return mask.map { $0 & ~own } == 0
                }
                return lines.count == 2 && isClean ? 0 : 1
            }
            #expect(try child.wait() == .exited(0))
        }

        @Test func descriptorsOfThisProcessAreNotPassedOn() throws {
            let pipe = try Pipe()
            let result = try Command.run([
                "sh", "-c", "test ! -e /proc/self/fd/\(pipe.reader.rawValue)",
            ])
            #expect(result.succeeded)
        }
    }
}
