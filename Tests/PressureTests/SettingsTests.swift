// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Machine
import Testing

@testable import Pressure

@Suite struct PressureSettingsTests {
    @Test func everyKindHasADistinctNameAndStartsFromItsDefaults() throws {
        let names = PressureCatalogue.all.map { $0.name }
        #expect(names == ["none", "cgroup", "memcg", "anon", "pagecache", "stress-ng"])
        for name in names { #expect(try PressureCatalogue.make(name).cellName == name) }
    }

    @Test func anUnknownNameGetsTheNearest() {
        let error = failure { () throws(PlumblineError) in
            _ = try PressureCatalogue.named("memcgs")
        }
        #expect(error?.kind == .usage)
        #expect(
            error?.message.hasPrefix("unknown pressure 'memcgs' (did you mean memcg?") == true)
    }

    @Test func cellNamesTellWhatDiffersFromTheDefaults() throws {
        let cases: [(String, [String: SettingValue], String)] = [
            ("memcg", ["limit": "128m"], "memcg-limit=128MiB"),
            ("memcg", ["limit": "64m", "hogs": 1], "memcg"),
            ("memcg", ["swap": 1, "hogs": 2], "memcg-swap=1-hogs=2"),
            ("memcg", ["directory": "/a/b", "hog_cpus": "1-2"], "memcg-hog_cpus=1-2"),
            ("cgroup", ["burners": 2], "cgroup-burners=2"),
            ("anon", ["vm_bytes": "50%"], "anon-vm_bytes=50"),
            ("anon", ["vm_bytes": 12.5, "swap": "4g"], "anon-vm_bytes=12.5-swap=4GiB"),
            ("anon", ["swap": 4_294_967_296], "anon-swap=4GiB"),
            ("anon", ["vm_bytes": 110, "swap": "40%"], "anon-swap=40%"),
            ("pagecache", ["factor": 2], "pagecache-factor=2"),
        ]
        for (name, told, cell) in cases {
            #expect(try PressureCatalogue.make(name, told).cellName == cell)
        }
    }

    @Test func valuesThatMakeNoPressureAreRefused() {
        let cases: [(String, [String: SettingValue], String)] = [
            ("memcg", ["churn_size": "64m"], "make it larger than limit=64MiB"),
            ("memcg", ["high": "65m"], "lower high"),
            ("memcg", ["limit": "1m"], "for memcg.limit (allowed: 4MiB to 64TiB)"),
            ("cgroup", ["burners": -1], "for cgroup.burners (allowed: 0 to 1024)"),
            ("cgroup", ["limit": "64m"], "unknown setting 'limit' for cgroup"),
            ("pagecache", ["factor": 1], "for pagecache.factor (allowed: 1.05 to 64)"),
            ("anon", ["vm_bytes": 0], "for anon.vm_bytes (allowed: 0.01 to 400)"),
            ("anon", ["vmbytes": 1], "did you mean vm_bytes?"),
            ("anon", ["swap": "much"], "swap (allowed: a size from 1MiB to 64TiB, or 1% to 400%"),
            ("anon", ["swap": "1k"], "for anon.swap (allowed"),
            ("anon", ["swap": "0.5%"], "for anon.swap (allowed"),
            ("anon", ["swap": "nan%"], "for anon.swap (allowed"),
            ("anon", ["swap": "-1g"], "for anon.swap (allowed"),
        ]
        for (name, told, words) in cases {
            let error = failure { () throws(PlumblineError) in
                _ = try PressureCatalogue.make(name, told)
            }
            #expect(error?.kind == .usage && error?.description.contains(words) == true, "\(told)")
        }
    }

    private func check(
        _ told: [String: SettingValue], available: Int = 7 << 30, room: SwapRoom = SwapRoom()
    ) throws -> PlumblineError? {
        let values = try SettingValues(told, declared: AnonPressure.settings, owner: "anon")
        let anon = try AnonPressure(values)
        let budget = MemoryBudget(total: 8 << 30, available: available)
        return failure { () throws(PlumblineError) in
            try anon.check(budget, room: room, workloadBytes: 1 << 20)
        }
    }

    @Test(arguments: [0.5, 90, 94, 110, 400])
    func anonWithoutSwapIsNeverPressureAndRefused(percent: Double) throws {
        let refused = try check(["vm_bytes": .number(percent)])
        #expect(refused?.kind == .usage)
        #expect(refused?.message.hasPrefix("anon: without swap the kernel cannot") == true)
        #expect(
            refused?.remedy == "add swap=40% (a zram swap device of ours) with vm_bytes=110")
    }

    @Test func anonLeavesTheReserveAndSwapGivesRoom() throws {
        let gibi = 1 << 30
        let refused = try check(["vm_bytes": 100, "swap": "64m"])
        #expect(refused?.kind == .usage)
        #expect(refused?.message.contains("7168MiB are available, and 410MiB have to") == true)
        #expect(refused?.remedy.contains("lower vm_bytes") == true)
        #expect(try check(["vm_bytes": 120, "swap": "2g"]) != nil)
        #expect(try check(["vm_bytes": 120, "swap": "4g"]) == nil)
        // More swap than hogs have pages does not make room twice.
        #expect(try check(["vm_bytes": 200, "swap": "400%"]) != nil)
        #expect(try check(["vm_bytes": 110], room: SwapRoom(onDisk: gibi)) != nil)
        #expect(try check(["vm_bytes": 110], room: SwapRoom(onDisk: 2 * gibi)) == nil)
        #expect(try check(["vm_bytes": 110], room: SwapRoom(compressed: gibi)) != nil)
        #expect(try check(["vm_bytes": 110], room: SwapRoom(compressed: 3 * gibi)) == nil)
    }

    @Test(arguments: [2 << 30, 4 << 30, 8 << 30])
    func theSettingsOfTheBuiltInSuitesGoHoweverMuchIsAvailable(available: Int) throws {
        #expect(try check(["vm_bytes": 110, "swap": "40%"], available: available) == nil)
    }

    @Test func aPercentageOfSwapIsOfAllMemoryInWholeMebibytes() throws {
        #expect(SwapQuantity("40%")?.bytes(ofTotal: 1000 << 20) == 400 << 20)
        #expect(SwapQuantity("1%")?.bytes(ofTotal: 1 << 20) == 1 << 20)
        #expect(SwapQuantity("1.5g")?.bytes(ofTotal: 1) == 3 << 29)
    }
}
