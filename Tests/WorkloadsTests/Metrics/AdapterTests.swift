// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Testing

@testable import Workloads

@Suite struct AdapterTests {
    private func values(
        _ metrics: [String], of adapter: ProgramAdapter, in output: String
    ) throws -> [Double] {
        let requests = try MetricRequest.list(parsing: metrics, for: adapter)
        return try MetricReader(requests).read(from: Array(output.utf8), elapsed: 1)
    }

    @Test(
        "a program is recognised by its base name and its subcommand",
        arguments: [
            ("fio job.fio", "fio"), ("/usr/bin/fio x", "fio"), ("./t/io_uring -r3 f", "io_uring"),
            ("../pipe_bench -w 1 -r 1", "pipe_bench"), ("hackbench -g 1", "hackbench"),
            ("cyclictest -l 10", "cyclictest"), ("perf bench sched pipe", "perf-sched-pipe"),
            ("perf bench -r 3 sched pipe -T", "perf-sched-pipe"),
            ("perf bench sched messaging", "perf-sched-messaging"),
            ("perf bench mem memset -s 1MB", "perf-mem"),
            ("perf bench syscall basic", "perf-syscall"),
            ("perf bench futex hash", "perf-futex"), ("perf bench epoll wait", "perf-epoll"),
            ("stress-ng --vm 1", "stress-ng"), ("lat_pipe", "lmbench-latency"),
            ("bw_pipe", "lmbench-bandwidth"),
        ])
    func recognised(line: String, name: String) {
        #expect(AdapterCatalogue.recognising(line.words)?.name == name)
    }

    @Test(
        "other programs are not",
        arguments: [
            "", "/", "perf stat true", "perf bench", "perf bench numa mem", "sched pipe bench",
            "perf trace bench sched pipe", "fio2 x", "taskset -c 0 fio x", "sh -c fio", "true",
        ])
    func notRecognised(line: String) {
        #expect(AdapterCatalogue.recognising(line.words)?.name == nil)
    }

    @Test func everyMetricHasUnitDirectionAndAWayBackFromItsName() throws {
        for adapter in AdapterCatalogue.all {
            #expect(!adapter.usualMetrics.isEmpty, "\(adapter.name)")
            #expect(Set(adapter.metrics.map(\.name)).count == adapter.metrics.count)
            for metric in adapter.metrics {
                #expect(metric.unit.isKnown && metric.better != nil, "\(metric)")
                #expect(try MetricRequest(parsing: "\(metric)") == metric)
                #expect(try MetricRequest(parsing: metric.name, for: adapter) == metric)
                #expect(metric.description == "\(adapter.name):\(metric.name)")
            }
        }
        #expect(Set(AdapterCatalogue.all.map(\.name)).count == AdapterCatalogue.all.count)
    }

    @Test func optionsThatPrintTheMetricsAreAddedOnce() throws {
        func completed(_ line: String) throws -> String? {
            try AdapterCatalogue.recognising(line.words)?.completed(line.words)
                .joined(separator: " ")
        }
        #expect(try completed("fio a b") == "fio --output-format=json a b")
        #expect(try completed("fio --output-format=json+ a") == "fio --output-format=json+ a")
        #expect(
            try completed("fio --output-format=normal,json a")
                == "fio --output-format=normal,json a")
        #expect(try completed("cyclictest -q -l 5") == "cyclictest -q -l 5")
        #expect(try completed("cyclictest -l 5") == "cyclictest --quiet -l 5")
        #expect(
            try completed("stress-ng --vm 1") == "stress-ng --stdout --metrics-brief --vm 1")
        #expect(try completed("hackbench -g 2") == "hackbench -g 2")
    }

    @Test(
        "options that hide the metrics are refused",
        arguments: [
            "fio --output=x a", "fio --output-format=terse a", "fio --minimal a",
            "fio --minimal=0 a", "cyclictest -N -l 5",
            "perf bench -f simple sched pipe", "perf bench --format=simple sched pipe",
            "stress-ng --quiet --vm 1", "stress-ng --stderr --vm 1",
        ])
    func refusedOptions(line: String) throws {
        let adapter = try #require(AdapterCatalogue.recognising(line.words))
        do throws(PlumblineError) {
            _ = try adapter.completed(line.words)
            Issue.record("\(line) is accepted")
        } catch {
            #expect(error.kind == .usage)
            #expect(error.message.contains("the option '") && !error.remedy.isEmpty)
        }
    }

    @Test func ringBenchmarksLinesAreAveraged() throws {
        let adapter = try #require(AdapterCatalogue.adapter("io_uring"))
        let values = try values(["iops", "iops_max", "bw"], of: adapter, in: ProgramOutputs.ring)
        #expect(values == [141_760, 170_780, 553.5 * 1024 * 1024])
    }

    @Test func pipeBenchmarksNumbersAreThoseOfOneSetUp() throws {
        let adapter = try #require(AdapterCatalogue.adapter("pipe_bench"))
        let usual = adapter.usualMetrics.map(\.name)
        #expect(
            try values(usual, of: adapter, in: ProgramOutputs.pipe)
                == [1081.12, 116_498, 8191, 4_194_303, 107_987_767])
        let reader = try MetricReader(adapter.usualMetrics)
        do throws(MetricError) {
            _ = try reader.read(from: Array(ProgramOutputs.pipeSweep.utf8), elapsed: 1)
            Issue.record("a sweep has one throughput")
        } catch {
            #expect(error.reason == .several(2))
        }
    }

    @Test func lmbenchsLineIsRead() throws {
        for (command, output, value) in ProgramOutputs.lmbench {
            let adapter = try #require(AdapterCatalogue.recognising(command))
            #expect(adapter.stream == .error)
            let reader = try MetricReader(adapter.usualMetrics)
            #expect(try reader.read(from: Array(output.utf8), elapsed: 1) == [value])
        }
    }

    /// `perf bench mem memset -s 4KB -l 2 -f default`.
    @Test func anInfiniteRateOfPerfIsRefused() throws {
        let output = """
            # Running 'mem/memset' benchmark:
            # function 'default' (Default memset() provided by glibc)
            # Copying 4KB bytes ...

                        inf GB/sec

            """
        let adapter = try #require(AdapterCatalogue.adapter("perf-mem"))
        let reader = try MetricReader(adapter.usualMetrics)
        do throws(MetricError) {
            _ = try reader.read(from: Array(output.utf8), elapsed: 1)
            Issue.record("an infinite rate is accepted")
        } catch {
            #expect(error.reason == .notFinite("inf"))
        }
    }

    @Test func severalStressorsNeedAPick() throws {
        let adapter = try #require(AdapterCatalogue.adapter("stress-ng"))
        let output = ProgramOutputs.twoStressors
        #expect(throws: MetricError.self) { _ = try values(["ops"], of: adapter, in: output) }
        #expect(
            try values(
                ["a=sum:ops", "b=max:ops_per_cpu", "c=first:sys_time"], of: adapter, in: output)
                == [156_695.21 + 35_074.99, 341_810.15, 0.38])
    }
}
