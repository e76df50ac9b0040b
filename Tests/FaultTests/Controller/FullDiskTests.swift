// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import LabSupport
import Linux
import Testing

/// A disk that is full at any line of the journal ends the experiment with words; after making room it
/// goes on.
@Suite(.serialized, .disabled(if: Faults.missing != nil, "\(Faults.missing ?? "")"))
struct FullDiskTests {
    private static let page = 4096

    @Test(arguments: ShortExperiment.Kind.allCases)
    func atEachPageOfTheJournal(_ kind: ShortExperiment.Kind) throws {
        let undisturbed = try ShortExperiment(kind)
        let exit = try undisturbed.run()
        #expect(ShortExperiment.isRegular(exit), "\(undisturbed.printed)")
        let whole = try JournalContent(undisturbed.journal)
        let pages = (undisturbed.bytes.count + Self.page - 1) / Self.page
        let disk = try SmallDisk()
        defer { withExtendedLifetime(disk) {} }
        // A line is longer than a page; the last quarter may fit, because journals differ in length.
        for room in stride(from: 0, through: pages * 3 / 4, by: max(1, pages / 12)) {
            let before = Leftovers.now()
            let experiment = try ShortExperiment(kind)
            let journal = "\(disk.path)/j-\(room).jsonl"
            try disk.resize(pages: 1 + room)
            let exit = try experiment.run(journal: journal)
            #expect(exit == .exited(1), "\(room) pages: \(experiment.printed)")
            #expect(
                experiment.printed.contains(
                    """
                    plumbline: \(journal): cannot write: No space left on device
                      make room, then go on with --resume --output \(journal)
                    """), "\(experiment.printed)")
            #expect(experiment.knob == ShortExperiment.original)
            if SystemFile.exists(journal) {
                #expect(try StoredJournal(readingFrom: journal).warnings.isEmpty)
            }
            try before.expectNone()
            try disk.resize(pages: 8 * pages)
            try Self.expectContent(of: experiment, journal, as: whole)
            try before.expectNone()
            try SystemFile.unlink(journal)
        }
    }

    // The limit of a file's size cuts at a byte. The agent has it too, so no cell writes files.
    @Test func atAnyByteOfTheJournal() throws {
        let cells = ["--cells", "*/none"]
        let undisturbed = try ShortExperiment(.run)
        try undisturbed.run(cells)
        let whole = try JournalContent(undisturbed.journal)
        let bytes = undisturbed.bytes
        let line = (bytes.firstIndex(of: 0x0a) ?? 0) + 1
        let anywhere = (0..<6).map { _ in Int.random(in: 1..<bytes.count * 3 / 4) }
        for limit in [1, line - 1, line, line + 1] + anywhere {
            let before = Leftovers.now()
            let experiment = try ShortExperiment(.run)
            let result = try Command.run(
                ["prlimit", "--fsize=\(limit)"] + experiment.command(cells))
            #expect(result.exit == .exited(1), "\(limit): \(result.output)")
            #expect(result.output.contains("cannot write: File too large"), "\(result.output)")
            try before.expectNone()
            try Self.expectContent(of: experiment, experiment.journal, as: whole, cells)
            try before.expectNone()
        }
    }

    @Test(arguments: ["--settings", "--schema"])
    func ofStandardOutput(_ option: String) throws {
        let result = try Command.run([
            "sh", "-c", "exec \"$0\" run \(option) 2>&1 >/dev/full", Built.plumbline,
        ])
        #expect(result.exit == .exited(1))
        #expect(result.output == "plumbline: stdout: No space left on device\n")
    }

    @Test func ofAReportLeavesTheJournal() throws {
        let experiment = try ShortExperiment(.toggle)
        try experiment.run()
        let had = experiment.bytes
        let result = try Command.run([
            "sh", "-c", "exec \"$0\" report \"$1\" --inconclusive-ok 2>&1 >/dev/full",
            Built.plumbline, experiment.journal,
        ])
        #expect(result.exit != .exited(0))
        #expect(result.output.contains("plumbline: stdout: No space left on device"))
        #expect(experiment.bytes == had)
    }

    /// After making room it goes on to the content of an undisturbed run.
    private static func expectContent(
        of experiment: ShortExperiment, _ journal: String, as whole: JournalContent,
        _ more: [String] = []
    ) throws {
        let had = (try? SystemFile.readBytes(journal)) ?? []
        let exit = try experiment.run(journal: journal, more)
        #expect(ShortExperiment.isRegular(exit), "\(exit): \(experiment.printed)")
        #expect(try SystemFile.readBytes(journal).starts(with: had))
        let differences = try JournalContent(journal).differences(from: whole)
        #expect(differences.isEmpty)
    }
}
