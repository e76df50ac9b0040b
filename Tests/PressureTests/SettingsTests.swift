// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import Host
import Testing

@testable import Pressure

@Suite struct PressureSettingsTests {
    @Test func everyKindHasADistinctNameAndStartsFromItsDefaults() throws {
        let names = PressureCatalogue.all.map { $0.name }
        #expect(names == ["none", "memcg", "anon", "pagecache"])
        for name in names { #expect(try PressureCatalogue.make(name).cellName == name) }
    }

    @Test func anUnknownNameGetsTheNearest() {
        let error = failure { () throws(PlumblineError) in
            _ = try PressureCatalogue.named("memcgs")
        }
        #expect(error?.kind == .usage)
        #expect(error?.message == "suite: unknown pressure 'memcgs'")
        #expect(error?.remedy.hasPrefix("did you mean memcg?") == true)
    }

    @Test func cellNamesTellWhatDiffersFromTheDefaults() throws {
        let cases: [(String, [String: SettingValue], String)] = [
            ("memcg", ["limit": "128m"], "memcg-limit=128MiB"),
            ("memcg", ["limit": "64m", "hogs": 1], "memcg"),
            ("memcg", ["swap": 1, "hogs": 2], "memcg-swap=1-hogs=2"),
            ("memcg", ["directory": "/a/b", "hog_cpus": "1-2"], "memcg-hog_cpus=1-2"),
            ("anon", ["vm_bytes": "50%"], "anon-vm_bytes=50"),
            ("anon", ["vm_bytes": 12.5, "swap": "4g"], "anon-vm_bytes=12.5-swap=4GiB"),
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
            ("memcg", ["limit": "1m"], "limit takes a size from 4MiB to 64TiB"),
            ("pagecache", ["factor": 1], "factor takes a number from 1.05"),
            ("anon", ["vm_bytes": 0], "vm_bytes takes a number"),
            ("anon", ["vmbytes": 1], "did you mean vm_bytes?"),
        ]
        for (name, told, remedy) in cases {
            let error = failure { () throws(PlumblineError) in
                _ = try PressureCatalogue.make(name, told)
            }
            #expect(error?.kind == .usage && error?.remedy.hasPrefix(remedy) == true, "\(told)")
        }
    }

    @Test func anonLeavesTheReserveAndSwapGivesRoom() throws {
        let gibi = 1 << 30
        let budget = MemoryBudget(total: 8 * gibi, available: 7 * gibi)
        func check(_ told: [String: SettingValue]) throws -> PlumblineError? {
            let values = try SettingValues(told, declared: AnonPressure.settings, place: "anon")
            let anon = try AnonPressure(values)
            return failure { () throws(PlumblineError) in
                try anon.check(budget, workloadBytes: 1 << 20)
            }
        }
        #expect(try check([:]) == nil)
        let refused = try check(["vm_bytes": 96])
        #expect(refused?.kind == .usage)
        #expect(refused?.message.contains("7168MiB are available, of which 410MiB stay") == true)
        #expect(refused?.remedy.contains("lower vm_bytes") == true)
        #expect(try check(["vm_bytes": 120]) != nil)
        #expect(try check(["vm_bytes": 120, "swap": "8g"]) == nil)
    }
}
