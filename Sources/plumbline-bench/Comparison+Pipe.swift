// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux

extension Comparison {
    /// Pipes against the bare C loop: same sizes, same CPUs, same clock.
    static func pipes(_ programs: Programs, clock: FastClock, nanoseconds: Int) -> [Comparison] {
        let cpus = (try? CPUSet.allowed().cpus) ?? [0]
        let (writerCPU, readerCPU) = (cpus[0], cpus[cpus.count > 1 ? 1 : 0])
        // 0 makes the C loop call clock_gettime, as FastClock does without a TSC.
        let tick = clock.source == .tsc ? Double(clock.nanoseconds(1_000_000_000)) / 1e9 : 0
        return [(1, 65536, "≥ 0.99"), (2, 65536, "≥ 0.99"), (1, 4096, "≥ 0.97")].map {
            writers, bytes, goal in
            let settings = [
                "writers=\(writers)", "msgsize=\(bytes)", "pipe_size=\(1 << 20)",
                "writer_cpus=\(writerCPU)", "reader_cpus=\(readerCPU)",
            ]
            let baseline = [
                programs.pipeBaseline, "\(writers)", "1", "\(bytes)", "\(1 << 20)",
                "\(Double(nanoseconds) / 1e9)", "\(writerCPU)", "\(readerCPU)", "\(tick)",
            ]
            return Comparison(
                name: "pipe/\(writers)w1r/\(ByteSize(bytes))", other: "C loop", goal: goal,
                ours: { () throws(PlumblineError) in
                    try programs.rate(of: PipeWorkload.name, settings, nanoseconds: nanoseconds)
                },
                theirs: { () throws(PlumblineError) in
                    try Programs.rate(ofLoop: baseline)
                })
        }
    }
}
