// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol
import SystemPackage
import Workloads

/// Several writers write to one pipe at the same time, and each byte must come out once, in its
/// writer's order; up to `PIPE_BUF` a write must not be cut.
enum PipeStream: Probe {
    static let name = "pipe-stream"

    /// Bytes of a write: of half a page, of `PIPE_BUF`, not whole pages, and as in the suites.
    private static let sizes = [2048, 4096, 10_000, 65_536]

    static func run(on host: ProbeHost) throws(PlumblineError) -> ProbeFindings {
        var findings = ProbeFindings()
        for size in sizes {
            let traffic = PipeTraffic(
                writers: 3, messageSize: size, messages: max(8, (2 << 20) / size), seed: host.seed)
            findings.add(try traffic.run(host, beside: nil), "3 writers of \(size) bytes")
        }
        return findings
    }
}

/// The same while another process changes the pipe's size again and again.
enum PipeResize: Probe {
    static let name = "pipe-resize"

    private static let sizes = [4 << 10, 1 << 20, 64 << 10, 16 << 10, 256 << 10]
    private static let changes = 500

    static func run(on host: ProbeHost) throws(PlumblineError) -> ProbeFindings {
        var findings = ProbeFindings()
        let traffic = PipeTraffic(
            writers: 2, messageSize: 10_000, messages: 200, seed: host.seed)
        let found = try traffic.run(host) { pipe in
            for change in 0..<changes {
                do throws(Errno) { try pipe.setSize(sizes[change % sizes.count]) } catch {
                    // What is in the pipe does not fit.
                    if error != .resourceBusy { return 1 }
                }
            }
            return 0
        }
        findings.add(found, "2 writers while the size changes")
        return findings
    }
}

extension ProbeFindings {
    /// Adds what became of a stream.
    fileprivate mutating func add(_ found: PipeTraffic.Result, _ words: String) {
        count("\(words): checked", Double(found.checked), unit: "bytes")
        faults += found.faults.map { "\(words): \($0)" }
    }
}
