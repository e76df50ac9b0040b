// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol

/// Two writers and a reader, while another process makes the pipe larger and smaller: each byte must
/// come out once, in its writer's order.
enum PipeResize: Probe {
    static let name = "pipe-resize"

    private static let sizes = [4 << 10, 256 << 10, 64 << 10, 16 << 10, 128 << 10]

    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError) {
        let traffic = PipeTraffic(
            writers: 2, messageSize: 10_000, messages: 200, sizes: sizes, seed: host.seed)
        let found = try traffic.run(host)
        let words = "2 writers while the size changes"
        findings.add(found, words)
        findings.count("\(words): made larger", Double(found.growths), unit: "times")
        findings.count("\(words): made smaller", Double(found.shrinks), unit: "times")
    }
}
