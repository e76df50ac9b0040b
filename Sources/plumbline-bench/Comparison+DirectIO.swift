// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import FoundationEssentials
import Linux

extension Comparison {
    /// Direct I/O against fio: same file, same settings, same CPU.
    static func directIO(_ programs: Programs, path: String, nanoseconds: Int) -> [Comparison] {
        let shared = shared(path, bytes: BenchFile.bytes)
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

    /// The published set-up of the patch for direct I/O, untimed and timed, against a C loop with
    /// the rules of fio's t/io_uring, and against that program itself where it is installed.
    static func published(
        _ programs: Programs, path: String, nanoseconds: Int
    ) -> [Comparison] {
        let loop = [
            programs.directBaseline, path, "\(BenchFile.zeroBytes)", "4096", "128", "32", "32",
            "\(Double(nanoseconds) / 1e9)", "\(cpu)",
        ]
        let settings = shared(path, bytes: BenchFile.zeroBytes) + deep + ["reap=each"]
        var others: [(name: String, run: Run)] = [
            ("C loop", { () throws(PlumblineError) in try Programs.rate(ofLoop: loop) })
        ]
        if let small = programs.smallFio {
            others.append(
                (
                    "t/io_uring",
                    { () throws(PlumblineError) in
                        try smallFio(small, path, nanoseconds: nanoseconds)
                    }
                ))
        }
        return others.flatMap { other in
            [("timing=off", "≥ 1.00"), ("timing=op", "≥ 0.98")].map { timing, goal in
                Comparison(
                    name: "dio/published/\(timing)", other: other.name, goal: goal,
                    ours: { () throws(PlumblineError) in
                        try programs.rate(
                            of: DirectWorkload.name, settings + [timing], nanoseconds: nanoseconds)
                    }, theirs: other.run)
            }
        }
    }

    private static var cpu: Int { (try? CPUSet.allowed().cpus.first) ?? 0 }

    private static func shared(_ path: String, bytes: Int) -> [String] {
        [
            "rw=randread", "bs=4k", "filename=\(path)", "size=\(bytes)", "cpus_allowed=\(cpu)",
        ]
    }

    private static let deep = [
        "ioengine=io_uring", "iodepth=128", "iodepth_batch_submit=32",
        "iodepth_batch_complete_min=32", "fixedbufs=1", "registerfiles=1",
    ]

    /// The median of what t/io_uring prints a second, of at least two whole ones.
    private static func smallFio(
        _ program: String, _ path: String, nanoseconds: Int
    ) throws(PlumblineError) -> Double {
        let output = try Programs.run([
            "taskset", "-c", "\(cpu)", program, "-d128", "-s32", "-c32", "-p0", "-b4096", "-R1",
            "-F1", "-B1", "-r\(max(2, (nanoseconds + 999_999_999) / 1_000_000_000))", path,
        ])
        // IOPS=1.25M, or 980.12K, or a plain number; not the line of the maximum.
        let rates = output.split(separator: "\n").filter { $0.hasPrefix("IOPS=") }
            .compactMap { rate(ofSmallFio: $0.dropFirst(5).prefix { $0 != "," }) }
        guard !rates.isEmpty else {
            throw .failure("unexpected output of \(program): \(output.prefix(200))")
        }
        return quantile(rates.sorted(), 0.5)
    }

    private static func rate(ofSmallFio text: Substring) -> Double? {
        let units: [Character: Double] = ["K": 1e3, "M": 1e6]
        guard let unit = text.last.flatMap({ units[$0] }) else { return Double(text) }
        return Double(text.dropLast()).map { $0 * unit }
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
