// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Testing

@testable import Workloads

/// Writers and readers of a pipe.
struct PipeCrew: Sendable, CustomTestStringConvertible {
    var writers: Int
    var readers: Int
    var testDescription: String { "\(writers)w\(readers)r" }
}

@Suite(.serialized) struct PipeSliceTests {
    static let sizes = [1, 4095, 4096, 4097, 65536, 1 << 20]
    static let crews = [(1, 1), (2, 1), (1, 3), (4, 4)].map { PipeCrew(writers: $0, readers: $1) }

    /// Runs a verified slice and checks all that must hold of it.
    private func check(_ told: [String: SettingValue], size: Int, crew: PipeCrew) throws {
        var told = told
        told["msgsize"] = .integer(size)
        told["writers"] = .integer(crew.writers)
        told["readers"] = .integer(crew.readers)
        told["verify"] = true
        let counts = try ShortSlice.run(PipeWorkload.self, told, milliseconds: 25)
        let found = counts.verification
        #expect(found.corruptions == 0)
        #expect(counts.conservationError == nil)
        #expect(found.proven + found.unproven == found.read)
        #expect(found.read > 0)
        if crew.readers == 1, size >= 32 || crew.writers == 1 { #expect(found.unproven == 0) }
        #expect(counts.bytes == counts.operations * UInt64(size))
        #expect(counts.bytes <= found.written)
        #expect(counts.killedBy == nil)
        for track in counts.tracks {
            #expect(track.errors.isEmpty)
            #expect(track.shortOperations == 0)
            #expect(track.latency.totalCount == track.operations)
        }
    }

    @Test("Threads' bytes arrive as they were sent", arguments: sizes, crews)
    func threads(size: Int, crew: PipeCrew) throws {
        try check(["workers": "thread"], size: size, crew: crew)
    }

    @Test("Processes' bytes arrive as they were sent", arguments: sizes, crews)
    func processes(size: Int, crew: PipeCrew) throws {
        try check(["workers": "process", "pipe_size": "1m"], size: size, crew: crew)
    }

    @Test("Packets arrive as they were sent", arguments: sizes, ["thread", "process"])
    func packets(size: Int, workers: String) throws {
        for crew in Self.crews {
            try check(["packet": true, "workers": .text(workers)], size: size, crew: crew)
        }
    }

    @Test("Without blocking, bytes arrive as they were sent", arguments: sizes, crews)
    func nonblocking(size: Int, crew: PipeCrew) throws {
        try check(["blocking": false], size: size, crew: crew)
    }

    @Test("Eight workers share a pipe", arguments: sizes, ["thread", "process"])
    func eightWorkers(size: Int, workers: String) throws {
        for crew in [PipeCrew(writers: 7, readers: 1), PipeCrew(writers: 1, readers: 7)] {
            try check(["workers": .text(workers)], size: size, crew: crew)
        }
    }

    @Test("Pipes are independent", arguments: ["thread", "process"])
    func pipes(workers: String) throws {
        try check(
            ["pipes": 3, "workers": .text(workers)], size: 5000,
            crew: PipeCrew(writers: 1, readers: 1))
        try check(
            ["pipes": 2, "workers": .text(workers)], size: 100,
            crew: PipeCrew(writers: 2, readers: 2))
    }

    @Test("A paced stream arrives as it was sent, packets and all")
    func paced() throws {
        try check(
            ["rate": 2000, "packet": true], size: 4097, crew: PipeCrew(writers: 1, readers: 1))
    }

    @Test("Writes and reads are both timed, and move the same bytes")
    func tracks() throws {
        let counts = try ShortSlice.run(PipeWorkload.self, ["msgsize": 4096])
        #expect(counts.tracks.map(\.name) == ["write", "read"])
        #expect(counts.operations == counts.tracks[0].operations)
        #expect(counts.interval == counts.tracks[0].interval)
        #expect(counts.tracks.allSatisfy { $0.latency.totalCount == $0.operations })
    }
}
