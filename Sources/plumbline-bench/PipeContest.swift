// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux

/// Pipes against the bare C loop: same sizes, same CPUs, same clock.
enum PipeContest {
    private static let pipeSize = 1 << 20

    static func all(tools: Tools, clock: FastClock, nanoseconds: Int) -> [Contest] {
        [(1, 65536, "≥ 0.99"), (2, 65536, "≥ 0.99"), (1, 4096, "≥ 0.97")].map {
            writers, bytes, aim in
            contest(
                writers: writers, bytes: bytes, aim: aim, tools: tools, clock: clock,
                nanoseconds: nanoseconds)
        }
    }

    private static func contest(
        writers: Int, bytes: Int, aim: String, tools: Tools, clock: FastClock, nanoseconds: Int
    ) -> Contest {
        let cpus = (try? CPUSet.allowed().cpus) ?? [0]
        let writerCPU = cpus[0]
        let readerCPU = cpus[cpus.count > 1 ? 1 : 0]
        // 0 lets the C loop call clock_gettime, as FastClock does without a TSC.
        let nanosecondsPerTick =
            clock.source == .tsc ? Double(clock.nanoseconds(1_000_000_000)) / 1e9 : 0
        return Contest(
            name: "pipe/\(writers)w1r/\(ByteSize(bytes))", opponent: "C loop", aim: aim,
            ours: { () throws(PlumblineError) in
                try tools.slice(
                    PipeWorkload.name,
                    [
                        "writers=\(writers)", "msgsize=\(bytes)", "pipe_size=\(pipeSize)",
                        "writer_cpus=\(writerCPU)", "reader_cpus=\(readerCPU)",
                    ], nanoseconds: nanoseconds)
            },
            theirs: { () throws(PlumblineError) in
                let printed = try Tools.run([
                    tools.pipeBaseline, "\(writers)", "1", "\(bytes)", "\(pipeSize)",
                    "\(Double(nanoseconds) / 1e9)", "\(writerCPU)", "\(readerCPU)",
                    "\(nanosecondsPerTick)",
                ])
                let words = printed.split { $0 == " " || $0 == "\n" }.compactMap { Double($0) }
                guard words.count == 2, words[1] > 0 else {
                    throw .failure("pipe-baseline printed '\(printed)'")
                }
                return words[0] / words[1] * 1e9
            })
    }
}
