// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import FoundationEssentials
import Linux

/// Direct I/O against fio: same file, same settings, same CPU.
enum DirectContest {
    static func all(tools: Tools, path: String, nanoseconds: Int) -> [Contest] {
        let cpu = (try? CPUSet.allowed().cpus.first) ?? 0
        let shared = [
            "rw=randread", "bs=4k", "filename=\(path)", "size=\(BenchFile.bytes)",
            "cpus_allowed=\(cpu)",
        ]
        let deep = [
            "iodepth=128", "iodepth_batch_submit=32", "iodepth_batch_complete_min=32",
            "fixedbufs=1", "registerfiles=1",
        ]
        return [
            contest(
                "dio/randread/4KiB/qd128/io_uring", shared + ["ioengine=io_uring"] + deep,
                tools: tools, nanoseconds: nanoseconds),
            contest(
                "dio/randread/4KiB/qd1/psync", shared + ["ioengine=psync"], tools: tools,
                nanoseconds: nanoseconds),
        ]
    }

    private static func contest(
        _ name: String, _ settings: [String], tools: Tools, nanoseconds: Int
    ) -> Contest {
        Contest(
            name: name, opponent: "fio", aim: "≥ 1.00",
            ours: { () throws(PlumblineError) in
                try tools.slice(DirectWorkload.name, settings, nanoseconds: nanoseconds)
            },
            theirs: { () throws(PlumblineError) in
                try fio(arguments(settings, nanoseconds: nanoseconds))
            })
    }

    /// fio's command line for the same settings.
    static func arguments(_ settings: [String], nanoseconds: Int) -> [String] {
        // fio takes whole microseconds for times with a unit.
        [
            "fio", "--name=bench", "--output-format=json", "--direct=1", "--thread",
            "--norandommap", "--time_based", "--ramp_time=125ms",
            "--runtime=\(nanoseconds / 1_000_000)ms",
        ] + settings.map { "--\($0)" }
    }

    private struct Document: Decodable {
        struct Job: Decodable {
            struct Side: Decodable { let iops: Double }
            let read: Side
        }
        let jobs: [Job]
    }

    private static func fio(_ arguments: [String]) throws(PlumblineError) -> Double {
        let output = try Tools.run(arguments)
        // Warnings may stand before the document.
        guard let start = output.firstIndex(of: "{"),
            let document = try? JSONDecoder().decode(
                Document.self, from: Data(output[start...].utf8)),
            let job = document.jobs.first
        else { throw .failure("fio printed no JSON: \(output.prefix(200))") }
        return job.read.iops
    }
}
