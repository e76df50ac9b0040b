// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage
import Testing

extension Kernel {
    @Suite struct CPUSetTests {
        @Test(arguments: [
            ("0", [0]), ("0,2-5", [0, 2, 3, 4, 5]), ("5,3\n", [3, 5]), ("1-1", [1]),
            ("0-1,1-2", [0, 1, 2]), ("", []), (" 7 ", [7]), ("1023", [1023]), ("63-64", [63, 64]),
        ])
        func listsAreRead(list: String, cpus: [Int]) throws {
            #expect(try #require(CPUSet(list: list)).cpus == cpus)
        }

        @Test(arguments: [
            "a", "-", "-1", "1-", "1,,2", ",", "1,", "3-1", "1-2-3", "1024", "0-1024", "1 2",
            "0x1", "+1", "1.5", "99999999999999999999", "١", "all", "0-3:1/2",
        ])
        func nonsenseIsRefused(list: String) {
            #expect(CPUSet(list: list) == nil)
        }

        @Test(arguments: ["", "0", "0-1", "0,2-5", "0,2,4", "63-65,1023"])
        func printingGivesTheListBack(list: String) throws {
            #expect(try #require(CPUSet(list: list)).description == list)
        }

        @Test func membershipAndCount() {
            let set = CPUSet([1, 64, 1023, -1, 1024])
            #expect(set.count == 3)
            #expect(set.contains(64))
            #expect(!set.contains(0))
            #expect(!set.contains(-1))
            #expect(!set.contains(1024))
            #expect(!set.isEmpty)
            #expect(CPUSet().isEmpty)
        }

        @Test func aThreadRunsWhereItIsHeld() throws {
            let allowed = try CPUSet.allowed()
            let first = try #require(allowed.cpus.last)
            let seen = Box<(allowed: CPUSet?, current: Int?)>((nil, nil))
            let thread = try WorkerThread.start {
                try? CPUSet([first]).applyToCurrentThread()
                seen.value = (try? CPUSet.allowed(), try? CPUSet.current())
            }
            thread.join()
            #expect(seen.value.allowed == CPUSet([first]))
            #expect(seen.value.current == first)
            #expect(try CPUSet.allowed() == allowed, "another thread is not held")
        }

        @Test func noCPUAtAllIsRefused() {
            #expect(throws: Errno.invalidArgument) { try CPUSet().applyToCurrentThread() }
        }
    }

    @Suite struct NUMATests {
        @Test func theCurrentCPUHasANode() throws {
            #expect(NUMANode.count >= 1)
            let node = try NUMANode.of(cpu: CPUSet.current())
            #expect((0..<NUMANode.count).contains(node.number))
        }

        @Test(.enabled(if: NUMANode.isAvailable, "needs a kernel with NUMA"))
        func policiesAreTakenAndNodesThatAreNotThereRefused() throws {
            let failure = Box<Errno?>(nil)
            let thread = try WorkerThread.start {
                do throws(Errno) {
                    let node = NUMANode(0)
                    try node.bindMemory()
                    try node.preferMemory()
                    try NUMANode.interleaveMemory()
                    try NUMANode.resetMemoryPolicy()
                    try node.runHere()
                    try NUMANode.runAnywhere()
                } catch {
                    failure.value = error
                }
            }
            thread.join()
            #expect(failure.value == nil)
            #expect(try !NUMANode(0).cpus().isEmpty)
            #expect(throws: Errno.invalidArgument) { try NUMANode(5000).bindMemory() }
            #expect(throws: Errno.invalidArgument) { try NUMANode(-1).preferMemory() }
            #expect(throws: Errno.invalidArgument) { try NUMANode(5000).runHere() }
            #expect(throws: Errno.noSuchFileOrDirectory) { try NUMANode(5000).cpus() }
            #expect(throws: Errno.invalidArgument) { try NUMANode.of(cpu: 100_000) }
        }

        @Test(.enabled(if: !NUMANode.isAvailable, "needs a kernel without NUMA"))
        func withoutNUMAPoliciesAreMissing() {
            #expect(NUMANode.count == 1)
            #expect(throws: Errno.noFunction) { try NUMANode(0).bindMemory() }
            #expect(throws: Errno.noFunction) { try NUMANode(0).runHere() }
        }
    }
}
