// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

/// The option of tracing the kernels' work after a comparison.
public struct EvidenceOptions: ParsableArguments {
    /// What a command that has the option says of it.
    static let discussion = """
        After the last round the kernels' work is traced, in visits of their own that count for no \
        time: pages and structures that are allocated, waits for mutexes, direct reclaim, and where \
        requests complete. The report shows it below each cell, and how long it took. Guests are \
        traced unless --no-evidence is given. On a machine, --evidence needs root and tracefs, and \
        slows down whatever else runs there.
        """

    /// Whether it was asked for, either way.
    @Flag(
        inversion: .prefixedNo,
        help: "Trace what the kernels do after the measurement. Default: in guests only.")
    public var evidence: Bool?

    /// Made by the argument parser.
    public init() {}

    /// Whether the kernels are to be traced.
    func isOn(inGuest: Bool = false) -> Bool { evidence ?? inGuest }
}
