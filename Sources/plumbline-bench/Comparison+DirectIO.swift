// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import FoundationEssentials
import Linux

extension Comparison {
    /// Direct I/O against fio: same file, same settings, same CPU.
    static func directIO(_ programs: Programs, path: String, nanoseconds: Int) -> [Comparison] {
        let shared = [
            "rw=randread", "bs=4k", "filename=\(path)", "size=\(BenchFile.bytes)",
            "cpus_allowed=\((try? CPUSet.allowed().cpus.first) ?? 0)",
        ]
        let deep = [
            "ioengine=io_uring", "iodepth=128", "iodepth_batch_submit=32",
            "iodepth_batch_complete_min=32", "fixedbufs=1", "registerfiles=1",
        ]
        return [("qd128/io_uring", deep), ("qd1/psync", ["ioengine=psync"])].map { name, own in
            Comparison(
                name: "dio/randread/4KiB/\(name)", other: "fio", goal: "≥ 1.00",
                ours: { () throws(PlumblineError) in
                    try programs.rate(
                        of: DirectWorkload.name, shared + own, nanoseconds: nanoseconds)
                },
                theirs: { () throws(PlumblineError) in
                    try fio(shared + own, nanoseconds: nanoseconds)
                })
        }
    }

    private struct FioOutput: Decodable {
        struct Job: Decodable {
            struct Direction: Decodable { let iops: Double }
            let read: Direction
        }
        let jobs: [Job]
    }

    private static func fio(
        _ settings: [String], nanoseconds: Int
    ) throws(PlumblineError) -> Double {
        // fio takes whole microseconds for times with a unit.
        let output = try Programs.run(
            [
                "fio", "--name=bench", "--output-format=json", "--direct=1", "--thread",
                "--norandommap", "--time_based", "--ramp_time=125ms",
                "--runtime=\(nanoseconds / 1_000_000)ms",
            ] + settings.map { "--\($0)" })
        // Warnings may come before the document.
        let json = Data(output.drop { $0 != "{" }.utf8)
        guard let job = (try? JSONDecoder().decode(FioOutput.self, from: json))?.jobs.first else {
            throw .failure("unexpected output of fio: \(output.prefix(200))")
        }
        return job.read.iops
    }
}
