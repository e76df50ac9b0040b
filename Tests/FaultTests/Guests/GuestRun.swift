// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import LabSupport
import Linux
import TestSupport
import Testing
import Verdicts

/// A comparison in guests that runs as a user would run it, and the processes that it started.
final class GuestRun {
    /// Both arms in one guest, or each in its own.
    enum Kind { case toggle, ab }

    /// Rounds of boots, each with a block that counts, or more.
    static let rounds = 5

    let run: PlumblineRun
    /// A program that becomes the command, such as `env` with variables.
    var wrapper: [String] = []
    private let words: [String]

    /// A comparison that has not begun.
    ///
    /// - Parameter more: words at the end of the command line.
    init(
        _ kind: Kind, slice: String = "50ms", blocks: Int = rounds, image: String? = nil,
        _ more: [String] = []
    ) throws {
        run = try PlumblineRun()
        let image = try #require(image ?? GuestParts.image)
        let arms =
            switch kind {
            case .toggle:
                ["toggle", "short.yaml", "--kernel", image, "--knob", "sysctl:vm.swappiness=60,10"]
            case .ab: ["ab", "short.yaml", "--a", image, "--b", image]
            }
        words =
            arms + [
                "--rounds", "\(Self.rounds)", "--blocks", "\(blocks)", "--slice", slice,
                "--accelerator", "tcg", "--memory", "512m", "--seed", "3", "--output", "j.jsonl",
                "--agent", try #require(GuestParts.agent),
            ] + more
    }

    /// The journal's path.
    var journalPath: String { "\(run.directory)/j.jsonl" }

    /// Starts it, or goes on where there is a journal.
    func start() throws {
        let goesOn = SystemFile.exists(journalPath)
        try run.start(words + (goesOn ? ["--resume"] : []), under: wrapper)
    }

    /// Starts it, and waits for its end.
    ///
    /// - Returns: the exit code.
    func finish() throws -> Int32 {
        try start()
        return try run.wait()
    }

    /// Waits until the journal has so many lines of a kind, or the command has ended.
    func awaitLines(_ kind: String, count: Int = 1) throws {
        try eventually("\(count) lines of \(kind): \(run.printed)") {
            run.journal.components(of: "\"kind\":\"\(kind)\"") >= count || hasEnded
        }
    }

    /// Whether the command has ended.
    var hasEnded: Bool { run.process.map { ObservedProcess($0.id).hasEnded } ?? true }

    /// The processes over QEMU that end it with the controller.
    var guardians: [ChildProcess] {
        guard let controller = run.process else { return [] }
        return children(of: controller.id).filter {
            (try? SystemFile.read("/proc/\($0.id)/cmdline"))?.contains("--guardian") == true
        }
    }

    /// QEMU's processes.
    var emulators: [ChildProcess] {
        guardians.flatMap { children(of: $0.id) }.filter {
            Self.name(of: $0.id)?.hasPrefix("qemu-system") == true
        }
    }

    /// Waits until so many guests run.
    func awaitEmulators(_ count: Int = 1) throws {
        try eventually("\(count) guests run: \(run.printed)") {
            emulators.count >= count || hasEnded
        }
    }

    /// The journal.
    func stored() throws -> StoredJournal {
        try StoredJournal(readingFrom: journalPath)
    }

    /// The rounds that are void by the fault: a busy machine may cost guests their clock at boot.
    func lostRounds() throws -> [RoundVoid] {
        try stored().voidRounds.filter { !$0.error.message.contains("lost its clock source") }
    }

    /// Goes on until all is measured, and expects the exit code of a verdict; a busy machine may cost
    /// guests their clock again and again.
    func finishWhole(_ location: SourceLocation = #_sourceLocation) throws {
        var code: Int32 = -1
        for _ in 0..<10 where !isFinished { code = try finish() }
        #expect([0, 3, 4].contains(code), "\(run.printed)", sourceLocation: location)
        try expectWhole(location)
    }

    /// Whether the journal says that all was measured.
    var isFinished: Bool { (try? stored())?.ending?.state == .finished }

    /// Expects what an undisturbed comparison has: a block that counts in each of its rounds, and
    /// nothing of the rounds that a fault cut short.
    func expectWhole(_ location: SourceLocation = #_sourceLocation) throws {
        let stored = try stored()
        let cell = try #require(stored.header.plan.suite.cells.first?.name)
        let counted = stored.blocks(of: cell).filter(\.state.isCounted)
        #expect(stored.ending?.state == .finished, sourceLocation: location)
        #expect(counted.count >= Self.rounds, sourceLocation: location)
        let lost = Set(stored.voidRounds.map(\.round))
        #expect(
            counted.allSatisfy { !lost.contains($0.round ?? -1) }, sourceLocation: location)
        #expect(
            counted.allSatisfy { $0.slices.count { $0.arm == .a } == 2 },
            sourceLocation: location)
    }

    private func children(of process: Int32) -> [ChildProcess] {
        ((try? SystemFile.list("/proc")) ?? []).compactMap { Int32($0) }.filter {
            Self.words(ofStat: $0)?.parent == process
        }.map { ChildProcess(id: $0) }
    }

    private static func name(of process: Int32) -> String? { words(ofStat: process)?.name }

    private static func words(ofStat process: Int32) -> (name: String, parent: Int32)? {
        guard let text = try? SystemFile.read("/proc/\(process)/stat"),
            let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")")
        else { return nil }
        let rest = text[close...].split(separator: " ")
        guard rest.count > 2, let parent = Int32(rest[2]) else { return nil }
        return (String(text[text.index(after: open)..<close]), parent)
    }
}

extension String {
    /// How often a text occurs.
    func components(of text: String) -> Int { ranges(of: text).count }
}
