// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol
import SystemPackage
import Testing

@testable import Probes

@Suite("Probes of this kernel", .serialized) struct ProbeRunTests {
    private static let plain = [
        "pipe-stream", "pipe-resize", "pipe-references", "pipe-edges", "pipe-wakeups",
    ]
    private static let traced = [
        "pipe-pages", "pipe-failures", "pipe-blocked", "pipe-idle", "pipe-recycling", "pipe-leaks",
    ]

    private func run(_ name: String) throws -> ProbeRecord {
        try ProbeList.run(name, on: Trial().host())
    }

    @Test("probes that trace nothing pass", arguments: Self.plain)
    func passes(name: String) throws {
        let record = try run(name)
        #expect(record.result == .pass, "\(record.reason ?? "")")
        #expect(record.counts.allSatisfy { $0.value > 0 }, "\(record.counts)")
    }

    @Test(
        "probes that trace pages pass, and leave no trace instance",
        .enabled(if: Trial.canTrace, "needs root and tracefs"), arguments: Self.traced)
    func traces(name: String) throws {
        let record = try run(name)
        #expect(record.result == .pass, "\(record.reason ?? "")")
        #expect(Trial.instances.isEmpty)
    }

    @Test(
        "a page that others hold is not used again, and one that was read is",
        .enabled(if: Trial.canTrace, "needs root and tracefs"))
    func recycling() throws {
        let record = try run("pipe-recycling")
        #expect(record["after a read: allocated"] == 0)
        #expect(record["after tee(2): allocated"] == 1)
        #expect(record["after splice(2): allocated"] == 1)
    }

    @Test("without storage, probes of direct I/O are skipped with the reason")
    func noStorage() throws {
        let record = try run("dio-structures")
        #expect(record.result == .skip)
        #expect(record.reason == "there is no storage here")
    }

    @Test(
        "a probe that is interrupted leaves no process, trace instance or change", arguments: 1...4)
    func interrupted(calls: Int) throws {
        for name in Self.plain + Self.traced {
            let trial = try Trial()
            let children = Trial.children
            var left = calls
            let host = trial.host { () throws(PlumblineError) in
                left -= 1
                if left == 0 { throw PlumblineError(.interrupted, "interrupted") }
            }
            do throws(PlumblineError) {
                let record = try ProbeList.run(name, on: host)
                // It ended before.
                #expect(left > 0 || record.result == .skip, "\(name)")
            } catch {
                #expect(error.kind == .interrupted)
            }
            #expect(Trial.children.isSubset(of: children), "\(name)")
            #expect(Trial.instances.isEmpty && trial.undoLog.pending.isEmpty, "\(name)")
        }
    }
}
