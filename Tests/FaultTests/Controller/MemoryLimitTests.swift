// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Testing

/// A controller that runs out of memory leaves nothing behind, and a resume goes on.
@Suite(.serialized, .disabled(if: Faults.missing != nil, "\(Faults.missing ?? "")"))
struct MemoryLimitTests {
    @Test(arguments: ShortExperiment.Kind.allCases)
    func aControllerThatTheOOMKillerEndsCanGoOn(_ kind: ShortExperiment.Kind) throws {
        let group = try LimitedGroup()
        defer { withExtendedLifetime(group) {} }
        let undisturbed = try ShortExperiment(kind)
        try undisturbed.run()
        let whole = try JournalContent(undisturbed.journal)
        let before = Leftovers.now()
        let experiment = try ShortExperiment(kind)
        try experiment.start()
        try experiment.awaitLines(1)
        // What it has stays with its old group: the next page that it touches is too much.
        try group.limit(to: 64 << 10)
        try group.enter(#require(experiment.process?.id))
        #expect(
            try experiment.wait() == .signalled(ChildProcess.killSignal), "\(experiment.printed)")
        try before.expectNone()
        #expect(experiment.knob == ShortExperiment.original)
        let had = experiment.bytes.lastIndex(of: 0x0a).map { experiment.bytes[...$0] } ?? []
        let exit = try experiment.run()
        #expect(ShortExperiment.isRegular(exit), "\(exit): \(experiment.printed)")
        #expect(experiment.bytes.starts(with: had))
        let differences = try JournalContent(experiment.journal).differences(from: whole)
        #expect(differences.isEmpty)
        try before.expectNone()
    }

    // At some sizes it is killed before its journal has a line, at others later or not at all.
    @Test func aControllerThatStartsInALittleMemoryIsKilledOrWorks() throws {
        let group = try LimitedGroup()
        defer { withExtendedLifetime(group) {} }
        for mebibytes in [1, 3, 5, 7] {
            let before = Leftovers.now()
            let experiment = try ShortExperiment(.run)
            try group.limit(to: mebibytes << 20)
            let exit = try experiment.run(by: group.entering)
            // 64: the memory that is left is too little for the cells.
            #expect(
                [.signalled(ChildProcess.killSignal), .exited(1), .exited(64)].contains(exit),
                "\(exit): \(experiment.printed)")
            try before.expectNone()
            try? SystemFile.unlink(experiment.journal)
            let whole = try experiment.run()
            #expect(ShortExperiment.isRegular(whole), "\(experiment.printed)")
            try before.expectNone()
        }
    }

    @Test func aReportInALittleMemoryLeavesTheJournal() throws {
        let group = try LimitedGroup()
        defer { withExtendedLifetime(group) {} }
        let experiment = try ShortExperiment(.toggle)
        try experiment.run()
        let had = experiment.bytes
        try group.limit(to: 2 << 20)
        let before = Leftovers.now()
        let report = [Built.plumbline, "report", experiment.journal, "--format", "gate"]
        let killed = try Command.run(group.entering + report)
        #expect(killed.exit == .signalled(ChildProcess.killSignal))
        #expect(experiment.bytes == had)
        #expect(try Command.run(report).exit != .exited(1))
        try before.expectNone()
    }

    // The loader needs some 80 MB of addresses; the rest is for threads.
    @Test func withoutAddressesForThreadsItSaysSo() throws {
        let before = Leftovers.now()
        var hasSaidSo = false
        for mebibytes in stride(from: 40, through: 160, by: 10) {
            let experiment = try ShortExperiment(.run)
            let exit = try experiment.run(by: ["prlimit", "--as=\(mebibytes << 20)"])
            let printed = experiment.printed
            if printed.contains("cannot start") {
                hasSaidSo = true
                #expect(exit == .exited(1))
                #expect(printed.contains("raise the limits of memory and of processes"))
            }
            try before.expectNone()
            if ShortExperiment.isRegular(exit) { break }
        }
        #expect(hasSaidSo)
    }
}
