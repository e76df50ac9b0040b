// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Testing

@testable import Workloads

/// The adapters against the programs of Debian, as they are installed.
@Suite(.serialized) struct AdapterProgramTests {
    private static func has(_ program: String) -> Bool {
        (try? Command.run(["sh", "-c", "command -v \"$1\"", "sh", program]).exit) == .exited(0)
    }

    /// Runs a program with the options that its adapter adds, and reads every metric.
    private func run(_ line: String) throws -> [String: Double] {
        let command = line.words
        let adapter = try #require(AdapterCatalogue.recognising(command))
        #expect(adapter.stream == .output)
        let result = try Command.run(try adapter.completed(command), outputLimit: 1 << 20)
        #expect(result.exit == .exited(0), "\(result.output)")
        let output = Array(result.output.utf8)
        let values = try MetricReader(adapter.metrics).read(from: output, elapsed: 1)
        let usual = try MetricReader(adapter.usualMetrics).read(from: output, elapsed: 1)
        #expect(usual == Array(values.prefix(usual.count)))
        return Dictionary(uniqueKeysWithValues: zip(adapter.metrics.map(\.name), values))
    }

    private static let perfBenchmarks = [
        "perf bench sched pipe -l 200", "perf bench sched messaging -g 1 -l 5",
        "perf bench mem memcpy -s 1MB -l 50", "perf bench mem memset -s 1MB -l 50 -f default",
        "perf bench syscall basic -l 2000", "perf bench futex hash -r 1 -t 1",
        "perf bench epoll wait -r 1 -t 1",
    ]

    @Test(
        "perf bench", .enabled(if: has("perf"), "needs linux-perf"), arguments: perfBenchmarks)
    func perf(line: String) throws {
        for (name, value) in try run(line) { #expect(value >= 0, "\(name)") }
    }

    @Test("hackbench", .enabled(if: has("hackbench"), "needs rt-tests"))
    func hackbench() throws {
        #expect(try run("hackbench -g 1 -l 5")["total_time"] ?? -1 >= 0)
    }

    @Test("cyclictest", .enabled(if: has("cyclictest"), "needs rt-tests"))
    func cyclictest() throws {
        let values = try run("cyclictest -l 20 -i 500 -t 2")
        let (low, high) = (try #require(values["min"]), try #require(values["max"]))
        let mean = try #require(values["avg"])
        #expect(low <= mean && mean <= high)
    }

    @Test("stress-ng", .enabled(if: has("stress-ng"), "needs stress-ng"))
    func stressNg() throws {
        let values = try run("stress-ng --null 1 --null-ops 100")
        #expect(try #require(values["ops"]) > 0)
    }

    @Test("fio's JSON behind its notes", .enabled(if: has("fio"), "needs fio"))
    func fio() throws {
        // A queue depth is none of a synchronous engine's business, which fio says before its JSON.
        let line = [
            "fio", "--name=x", "--rw=randrw", "--size=256k", "--bs=4k", "--ioengine=psync",
            "--iodepth=8", "--filename=/var/tmp/plumbline-test-fio", "--unlink=1", "--numjobs=2",
        ]
        let adapter = try #require(AdapterCatalogue.recognising(line))
        let result = try Command.run(try adapter.completed(line), outputLimit: 1 << 20)
        #expect(result.exit == .exited(0), "\(result.output)")
        let names = [
            "iops", "read.iops", "write.iops", "bw", "read.bw", "write.bw", "trim.iops",
            "clat_p99", "read.clat_p99", "write.clat_p99", "clat_p99.9", "clat_p99.99", "clat_mean",
            "clat_max", "lat_mean", "read.clat_p50",
        ]
        let requests = try MetricRequest.list(parsing: names, for: adapter)
        let found = try MetricReader(requests).read(from: Array(result.output.utf8), elapsed: 1)
        let values = Dictionary(uniqueKeysWithValues: zip(names, found))
        func value(_ name: String) throws -> Double { try #require(values[name]) }
        #expect(try value("iops") == value("read.iops") + value("write.iops"))
        #expect(try value("bw") == value("read.bw") + value("write.bw"))
        #expect(try value("trim.iops") == 0)
        #expect(
            try value("clat_p99") == max(value("read.clat_p99"), value("write.clat_p99")))
        #expect(try value("read.clat_p50") <= value("read.clat_p99"))
        #expect(try value("clat_mean") <= value("clat_max"))
        #expect(try value("clat_mean") <= value("lat_mean"))
        // The same numbers by hand.
        let own = try MetricRequest.list(parsing: [
            "sum:json:jobs[*].read.iops",
            "p=max:json:jobs[*].write.clat_ns.percentile[\"99.000000\"]",
        ])
        #expect(
            try MetricReader(own).read(from: Array(result.output.utf8), elapsed: 1)
                == [value("read.iops"), value("write.clat_p99")])
        // Two jobs have two rates.
        let one = try MetricReader([MetricRequest(parsing: "json:jobs[*].read.iops")])
        #expect(throws: MetricError.self) {
            _ = try one.read(from: Array(result.output.utf8), elapsed: 1)
        }
    }
}
