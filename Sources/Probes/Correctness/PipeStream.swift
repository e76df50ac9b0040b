// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol

/// Several writers write to one pipe at the same time, and each byte must come out once, in its
/// writer's order; up to `PIPE_BUF` a write must not be cut.
enum PipeStream: Probe {
    static let name = "pipe-stream"

    /// Bytes of a write: of half a page, of `PIPE_BUF`, not whole pages, and as in the suites.
    private static let sizes = [2048, 4096, 10_000, 65_536]

    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError) {
        for size in sizes {
            let traffic = PipeTraffic(
                writers: 3, messageSize: size, messages: max(8, (2 << 20) / size), seed: host.seed)
            findings.add(try traffic.run(host), "3 writers of \(size) bytes")
        }
    }
}
