// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Workloads

extension FuzzTarget {
    /// A metric on the first line, and behind it what a program printed.
    static func metric() -> FuzzTarget {
        let json = """
            note: a line of text
            {"jobs": [{"read": {"iops": 1.5e3, "clat_ns": {"percentile": {"99.000000": 7}}},
             "write": {"iops": "2.5k"}}, {"read": {"iops": -0}, "name": "\\u00e9\\ud83d\\ude00"}]}
            """
        let text = """
            IOPS=1.21M, BW=4.7GiB/s, IOS/call=32/31
            throughput_MBps: 1,081.12
                   8.351000 usecs/op
            lat avg = 12.5 us (+- 5.17%)
            """
        let requests: [(String, String)] = [
            ("sum:json:jobs[*].{read,write}.iops", json),
            ("x=json:jobs[0].read.clat_ns.percentile[\"99.000000\"]", json),
            ("json:jobs[-1].name", json), ("max:fio:read.iops", json),
            ("regex:^IOPS=([^,\\s]+)", text), ("last:regex:([\\d.]+) (?:usecs|us)", text),
            ("key:throughput_MBps", text), ("lat=key:lat avg", text), ("time", text),
        ]
        let words = [
            "json:", "regex:", "key:", "mean:", "=", "[*]", "{a,b}", "[\"", "(\\d+)", ",", "NaN",
            "1e999", "us", "MiB/s", "\r\n", "\\u",
        ]
        let seeds = requests.map { "\($0)\n\($1)".bytes }
        return FuzzTarget(name: "metric", seeds: seeds, words: words) {
            (input) throws(PlumblineError) in
            let lines = input.split(
                separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
            let fio = AdapterCatalogue.recognising(["fio"])
            let request = try MetricRequest(
                parsing: String(decoding: lines[0], as: UTF8.self), for: fio)
            guard try MetricRequest(parsing: request.description, for: fio) == request else {
                fatalError("\(request) is read back as another metric")
            }
            let output = lines.count > 1 ? Array(lines[1]) : []
            let reader = try MetricReader([request], patience: 500_000_000)
            do throws(MetricError) {
                let values = try reader.read(from: output, elapsed: 1)
                return values.allSatisfy(\.isFinite)
            } catch {
                throw error.plumblineError
            }
        }
    }
}
