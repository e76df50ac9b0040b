// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import FoundationEssentials
import LabSupport
import Linux
import Machine
import Reports
import SchemaSupport
import TestSupport
import Testing
import Verdicts

@testable import Commands

@Suite(.serialized) struct ProbeCommandTests {
    private struct Document: Decodable {
        struct Kernel: Decodable {
            var probes: [Probe]
        }
        struct Probe: Decodable {
            var probe: String
            var result: String
            var reason: String?
            var counts: [Count]
        }
        struct Count: Decodable {
            var name: String
            var value: Double
        }
        var kernels: [Kernel]
    }

    private static var canTrace: Bool {
        ChildProcess.userID == 0 && SystemFile.exists("\(TraceInstance.root)/instances")
    }

    private func probe(_ names: String) async throws -> (code: Int32, probes: [Document.Probe]) {
        let result = await Invocation([
            "probe", "--only", names, "--format", "json", "--agent", Built.agent,
        ])
        let document = try JSONDecoder().decode(
            Document.self, from: Data(result.document.utf8))
        return (result.code, document.kernels[0].probes)
    }

    @Test("this kernel's pipes do what they must")
    func pipesAreRight() async throws {
        let names = ["pipe-stream", "pipe-resize", "pipe-references", "pipe-edges", "pipe-wakeups"]
        let (code, probes) = try await probe(names.joined(separator: ","))
        #expect(probes.map(\.probe) == names)
        for probe in probes {
            #expect(probe.result == "pass", "\(probe.reason ?? "")")
            #expect(!probe.counts.isEmpty)
        }
        #expect(code == 0)
    }

    @Test(
        "pages of pipes are counted, and no trace instance is left",
        .enabled(if: Self.canTrace, "needs root and tracefs"))
    func pages() async throws {
        let (code, probes) = try await probe(
            "pipe-pages,pipe-failures,pipe-blocked,pipe-idle,pipe-recycling,pipe-leaks")
        for probe in probes { #expect(probe.result == "pass", "\(probe.reason ?? "")") }
        #expect(code == 0)
        // Whatever the design: a pipe keeps few pages, so that long writes allocate.
        let long = probes[0].counts.first { $0.name == ProbeCountNames.allocated(pages: 32) }
        #expect((long?.value ?? 0) > 8 && (long?.value ?? 0) <= 32)
        let left = try SystemFile.list("\(TraceInstance.root)/instances")
        #expect(left.allSatisfy { !$0.hasPrefix("plumbline-") }, "\(left)")
    }

    @Test(
        "a probe that is interrupted, or whose controller is killed, leaves no trace instance",
        .enabled(if: Self.canTrace, "needs root and tracefs"),
        arguments: [ChildProcess.interruptSignal, ChildProcess.killSignal])
    func leavesNothing(signal: Int32) throws {
        func instances() -> [String] {
            ((try? SystemFile.list("\(TraceInstance.root)/instances")) ?? []).filter {
                $0.hasPrefix("plumbline-")
            }
        }
        let run = try PlumblineRun()
        try run.start([
            "probe", "--only", "pipe-pages,pipe-failures,pipe-blocked,pipe-idle,pipe-leaks",
            "--agent", Built.agent,
        ])
        try eventually("a probe traces") { !instances().isEmpty }
        try run.process?.kill(signal)
        // It may have ended before.
        #expect([0, 130, -1].contains(try run.wait()), "\(run.printed)")
        try eventually("the trace instance is removed") { instances().isEmpty }
    }

    @Test("what needs a debug kernel is skipped with the reason, which is no failure")
    func skipped() async throws {
        guard !SystemFile.exists("/proc/self/fail-nth") else { return }
        let (code, probes) = try await probe("pipe-enomem,leaks,pipe-edges")
        for probe in probes.dropLast() {
            #expect(probe.result == "skip")
            #expect(probe.reason?.contains("+debug") == true)
        }
        #expect(code == 0)
        // Where nothing could run, success would be a lie.
        #expect(try await self.probe("leaks").code == 1)
    }

    @Test("what --format json prints fits its schema, and one member more or less does not")
    func schema() async throws {
        let schema = try SchemaValidator(ReportFormat.probeSchemaText)
        for words in [["--only", "pipe-references,leaks"], ["--list"]] {
            let result = await Invocation(
                ["probe", "--format", "json", "--agent", Built.agent] + words)
            let document = try JSONDecoder().decode(
                JSONValue.self, from: Data(result.document.utf8))
            #expect(schema.problems(document) == [])
            guard case .object(let members) = document else { continue }
            #expect(members.count >= 2)
            for name in members.keys {
                var less = members
                less[name] = nil
                #expect(!schema.problems(.object(less)).isEmpty, "without \(name)")
            }
            #expect(!schema.problems(.object(members.merging(["new": .null]) { $1 })).isEmpty)
        }
    }

    @Test("the schema has the words of each design")
    func designs() throws {
        let schema = try JSONDecoder().decode(
            JSONValue.self, from: Data(ReportFormat.probeSchemaText.utf8))
        let kernel = "$defs.kernel.properties"
        #expect(
            schema.at("\(kernel).pipe_design.enum")?.items?.map(\.text)
                == KernelDesign.Pipe.allCases.map(\.rawValue))
        #expect(
            schema.at("\(kernel).direct_io_design.enum")?.items?.map(\.text)
                == KernelDesign.Direct.allCases.map(\.rawValue))
    }

    @Test("results are tests to a harness; a name that is given again is one test")
    func ktap() async {
        let result = await Invocation([
            "probe", "--only", "pipe-references,pipe-references", "--format", "ktap", "--agent",
            Built.agent,
        ])
        let lines = result.document.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines == ["KTAP version 1", "1..1", "ok 1 pipe-references"])
    }

    @Test("the list names each probe of a kind")
    func list() async {
        let counts = await Invocation(["probe", "--list"])
        let correctness = await Invocation(["probe", "--list", "--correctness"])
        for probe in ProbeCatalogue.all {
            let isCount = probe.kind == .count
            #expect(counts.document.contains(probe.name) == isCount)
            #expect(correctness.document.contains(probe.name) == !isCount)
        }
    }

    @Test(
        "bad input is refused before anything runs",
        arguments: [
            (["--only", "pipe-page"], "pipe-pages"),
            (["--a", "6.12"], "--b"),
            (["--kernel", "6.12", "--a", "6.12", "--b", "7.2"], "--kernel"),
            (["--on", "ssh://x", "--kernel", "6.12"], "--on"),
            (["--on", "ssh://x", "--cpus", "2"], "--cpus is not supported with --on"),
            (["--cpus", "2"], "--kernel"),
            (["--kernel", "6.13"], "6.12"),
            (["--sudo"], "--on"),
            (["--on", "http://x"], "ssh://"),
            (["--format", "csv"], "text, json, html, gate,"),
            (["--list", "--format", "ktap"], "text, json or html"),
            (["--only", ","], "probe --list"),
            (["--only", "pipe-edges", "--correctness"], "--correctness"),
        ])
    func badInput(arguments: [String], said: String) async {
        let result = await Invocation(
            ["probe", "--agent", Built.agent] + arguments, environment: ["HOME": "/nonexistent"])
        #expect(result.code == 64, "\(result.diagnostics)")
        #expect(result.diagnostics.contains(said), "\(result.diagnostics)")
        #expect(result.document.isEmpty)
    }
}
