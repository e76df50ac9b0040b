// SPDX-License-Identifier: GPL-3.0-or-later

import Protocol

/// What a journal keeps of a slice beside its summary: tracks, proof and evidence.
///
/// Its key `distributions` sorts first, and its texts have no escapes: so a reader of a long
/// journal adds them up where they stand.
public struct SliceDetail: Codable, Sendable, Equatable {
    /// By kind of operation its latency, which its track lacks; see `LatencySum`.
    public var distributions: [String: String]
    /// The kernel's own counters over the slice.
    public var evidence: EvidenceRecord
    /// The pressure under which the slice ran, and its proof.
    public var pressure: PressureRecord
    /// A foreign program's metrics but the judged one, by name.
    public var told: [String: Double]?
    /// What each kind of operation did, its latency left out.
    public var tracks: [String: TrackRecord]
    /// What reading back the data showed; absent without `verify`.
    public var verification: VerificationRecord?

    /// What a record says beside its summary.
    public init(_ slice: SliceRecord) {
        distributions = slice.tracks.compactMapValues { $0.latency.map(LatencyText.encode) }
        evidence = slice.evidence
        pressure = slice.pressure
        told = slice.told
        tracks = slice.tracks.mapValues { track in
            var track = track
            track.latency = nil
            return track
        }
        verification = slice.verification
    }

    /// Goes through the distributions in a detail's line, as they stand there.
    static func eachDistribution(
        in line: UnsafeRawBufferPointer,
        _ body: (_ track: UnsafeRawBufferPointer, _ text: UnsafeRawBufferPointer) -> Void
    ) {
        guard var strings = LineStrings(line, after: #"{"kind":"detail","distributions":{"#)
        else { return }
        while let track = strings.next(), let text = strings.next() {
            body(track, text)
        }
    }
}
