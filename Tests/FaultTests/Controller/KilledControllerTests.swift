// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Testing

/// A controller that is killed at any moment loses nothing that its journal has, leaves nothing
/// behind, and goes on to what it would have come to.
@Suite(.serialized, .disabled(if: Faults.missing != nil, "\(Faults.missing ?? "")"))
struct KilledControllerTests {
    /// Experiments that are killed at least once.
    private static let experiments = 100
    /// No resume is killed more often, so that each experiment comes to its end.
    private static let mostKills = 4

    @Test func aHundredKilledExperimentsComeToTheContentOfAnUndisturbedOne() throws {
        var equal = 0
        var kills = 0
        for kind in ShortExperiment.Kind.allCases {
            let undisturbed = try ShortExperiment(kind)
            let begun = Clock.monotonicNanoseconds()
            let exit = try undisturbed.run()
            let time = Clock.monotonicNanoseconds() - begun
            #expect(ShortExperiment.isRegular(exit), "\(exit): \(undisturbed.printed)")
            let whole = try JournalContent(undisturbed.journal)
            for _ in 0..<(Self.experiments / ShortExperiment.Kind.allCases.count) {
                let experiment = try ShortExperiment(kind)
                kills += try Self.kill(experiment, within: time)
                let differences = try JournalContent(experiment.journal).differences(from: whole)
                #expect(differences.isEmpty, "\(kind)")
                if differences.isEmpty { equal += 1 }
            }
        }
        #expect(equal == Self.experiments, "\(equal) of \(Self.experiments)")
        #expect(kills >= Self.experiments)
        print("\(equal) of \(Self.experiments) kill -9 and resume, \(kills) kills")
    }

    /// Kills an experiment at random moments, and lets it come to its end at last.
    ///
    /// - Returns: how often it was killed.
    private static func kill(_ experiment: ShortExperiment, within time: UInt64) throws -> Int {
        var kills = 0
        while kills == 0 || (kills < mostKills && Bool.random()) {
            let before = Leftovers.now()
            let had = experiment.bytes
            try experiment.start()
            try Clock.sleep(nanoseconds: .random(in: 0...time))
            guard try experiment.kill() else {
                // It was faster: once more from the start, unless it was killed before.
                if kills > 0 { break }
                try SystemFile.unlink(experiment.journal)
                continue
            }
            kills += 1
            try before.expectNone()
            expectPrefix(lines(of: had), of: experiment.bytes, "after a kill")
            #expect(experiment.knob == ShortExperiment.original)
        }
        let had = lines(of: experiment.bytes)
        let before = Leftovers.now()
        let exit = try experiment.run()
        #expect(ShortExperiment.isRegular(exit), "\(exit): \(experiment.printed)")
        expectPrefix(had, of: experiment.bytes, "after the resume")
        #expect(experiment.knob == ShortExperiment.original)
        try before.expectNone()
        return kills
    }

    /// The whole lines.
    private static func lines(of bytes: [UInt8]) -> ArraySlice<UInt8> {
        bytes.lastIndex(of: 0x0a).map { bytes[...$0] } ?? []
    }

    private static func expectPrefix(
        _ lines: ArraySlice<UInt8>, of bytes: [UInt8], _ when: Comment
    ) {
        #expect(bytes.starts(with: lines), when)
    }
}
