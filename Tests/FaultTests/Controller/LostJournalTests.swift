// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import TestSupport
import Testing

/// A journal that nobody can find any more ends the experiment with words, and with no verdict.
@Suite(.serialized, .disabled(if: Faults.missing != nil, "\(Faults.missing ?? "")"))
struct LostJournalTests {
    @Test(arguments: ShortExperiment.Kind.allCases)
    func itsDirectoryIsRemoved(_ kind: ShortExperiment.Kind) throws {
        let before = Leftovers.now()
        let experiment = try ShortExperiment(kind)
        let directory = "\(experiment.scratch.path)/results"
        let journal = "\(directory)/j.jsonl"
        try SystemFile.makeDirectory(directory)
        try experiment.start(journal: journal)
        try Self.awaitBytes(journal)
        _ = try Command.run(["rm", "-rf", directory])
        try Self.expectLoss(experiment, journal)
        #expect(!SystemFile.exists(directory))
        try before.expectNone()
    }

    @Test(arguments: ShortExperiment.Kind.allCases)
    func itsDirectoryIsRenamedAndItGoesOnThere(_ kind: ShortExperiment.Kind) throws {
        let before = Leftovers.now()
        let undisturbed = try ShortExperiment(kind)
        try undisturbed.run()
        let experiment = try ShortExperiment(kind)
        let directory = "\(experiment.scratch.path)/results"
        let journal = "\(directory)/j.jsonl"
        try SystemFile.makeDirectory(directory)
        try experiment.start(journal: journal)
        try Self.awaitBytes(journal)
        _ = try Command.run(["mv", directory, "\(directory)-2"])
        try Self.expectLoss(experiment, journal)
        try before.expectNone()
        let renamed = "\(directory)-2/j.jsonl"
        let had = try SystemFile.readBytes(renamed)
        let exit = try experiment.run(journal: renamed)
        #expect(ShortExperiment.isRegular(exit), "\(exit): \(experiment.printed)")
        #expect(try SystemFile.readBytes(renamed).starts(with: had))
        let whole = try JournalContent(undisturbed.journal)
        let differences = try JournalContent(renamed).differences(from: whole)
        #expect(differences.isEmpty)
        try before.expectNone()
    }

    @Test func anotherFileTakesItsName() throws {
        let before = Leftovers.now()
        let experiment = try ShortExperiment(.run)
        let other = try experiment.scratch.file("other", "precious\n")
        try experiment.start()
        try Self.awaitBytes(experiment.journal)
        _ = try Command.run(["mv", other, experiment.journal])
        try Self.expectLoss(experiment, experiment.journal)
        #expect(try SystemFile.read(experiment.journal) == "precious\n")
        try before.expectNone()
    }

    private static func awaitBytes(_ journal: String) throws {
        try eventually("\(journal) has its header") {
            ((try? SystemFile.readBytes(journal)) ?? []).contains(0x0a)
        }
    }

    private static func expectLoss(_ experiment: ShortExperiment, _ journal: String) throws {
        #expect(try experiment.wait() == .exited(1), "\(experiment.printed)")
        #expect(
            experiment.printed.contains(
                "\(journal): the journal was removed or renamed while plumbline wrote to it"),
            "\(experiment.printed)")
        #expect(experiment.knob == ShortExperiment.original)
    }
}
