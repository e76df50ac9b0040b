// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import SchemaSupport
import Testing
import Verdicts

@testable import Reports

@Suite("Reports of probes") struct ProbeReportTests {
    private static let names = ["pipe-pages", "pipe-edges", "leaks", "dio-data"]

    private static func kernel(
        _ label: String, _ results: [ProbeRecord.Result], counts: [ProbeCount] = []
    ) -> ProbedKernel {
        ProbedKernel(
            label: label, host: JournalBuilder.host, startedAt: 1_795_000_000_000_000_000,
            records: zip(names, results).map { name, result in
                ProbeRecord(
                    probe: name, result: result,
                    reason: result == .pass ? nil : "\(name) says\nwhy #1", counts: counts)
            })
    }

    /// One that broke in its third probe.
    private static var broken: ProbedKernel {
        var kernel = kernel("6.12", [.pass, .fail, .pass])
        kernel.lose(.failure("the guest panicked"))
        return kernel
    }

    private func ktap(_ kernels: [ProbedKernel]) throws -> [String] {
        try ReportFormat.ktap.renderer.render(
            ProbeReport(kernels: kernels, probes: Self.names), style: .plain
        ).split(separator: "\n").map(String.init)
    }

    @Test("KTAP says ok, not ok with the reason, SKIP with the reason, and ERROR for one not run")
    func results() throws {
        let lines = try ktap([Self.kernel("7.2", [.pass, .fail, .skip, .pass])])
        #expect(
            lines == [
                "KTAP version 1", "# kernel: 7.2", "# release: 6.1.0-18-amd64", "1..4",
                "ok 1 pipe-pages", "not ok 2 pipe-edges # pipe-edges says why #1",
                "ok 3 leaks # SKIP leaks says why #1", "ok 4 dio-data",
            ])
    }

    @Test("two kernels are nested blocks, and a kernel that broke is not ok")
    func nested() throws {
        let lines = try ktap([Self.broken, Self.kernel("7.2", [.pass, .pass, .skip, .pass])])
        #expect(
            lines == [
                "KTAP version 1", "1..2", "  KTAP version 1", "  # Subtest: probe 6.12",
                "  # kernel: 6.12", "  # release: 6.1.0-18-amd64", "  1..4", "  ok 1 pipe-pages",
                "  not ok 2 pipe-edges # pipe-edges says why #1",
                "  not ok 3 leaks # the guest panicked",
                "  not ok 4 dio-data # ERROR not run: the guest panicked",
                "not ok 1 probe 6.12 # 1 pass, 2 fail, 1 error", "  KTAP version 1",
                "  # Subtest: probe 7.2", "  # kernel: 7.2", "  # release: 6.1.0-18-amd64",
                "  1..4", "  ok 1 pipe-pages", "  ok 2 pipe-edges",
                "  ok 3 leaks # SKIP leaks says why #1", "  ok 4 dio-data",
                "ok 2 probe 7.2 # 3 pass, 1 skip",
            ])
    }

    @Test(
        "3 for a fault, 1 where nothing could run, else 0",
        arguments: [
            ([.pass, .skip], 0), ([.pass, .fail, .skip], 3), ([.skip, .skip], 1),
            ([.skip, .fail], 3),
        ] as [([ProbeRecord.Result], Int32)])
    func codes(results: [ProbeRecord.Result], code: Int32) {
        let report = ProbeReport(kernels: [Self.kernel("7.2", results)], probes: Self.names)
        #expect(report.exitCode == code)
        #expect((report.idle != nil) == (code == 1))
    }

    @Test("a kernel that breaks fails the last probe, which keeps what else is wrong")
    func loss() {
        var kernel = Self.kernel("7.2", [.pass, .fail])
        kernel.lose(.failure("it panicked"))
        #expect(kernel.records.map(\.result) == [.pass, .fail])
        #expect(kernel.records[1].reason == "pipe-edges says\nwhy #1; it panicked")
        #expect(Self.broken.records[2].reason == "the guest panicked")
        let report = ProbeReport(kernels: [Self.broken], probes: Self.names)
        #expect(report.exitCode == 3)
        #expect(report.text().contains("not run"))
    }

    @Test("JUnit has the time of the probes")
    func time() throws {
        let text = try ReportFormat.junit.renderer.render(
            ProbeReport(kernels: [Self.kernel("7.2", [.pass])], probes: ["pipe-pages"]),
            style: .plain)
        #expect(text.contains("timestamp=\"2026-"), "\(text)")
    }

    @Test("a design that is not known and one that was not counted have words of their own")
    func designs() {
        let odd = [
            ProbeCount("16 pages: allocated", 0, unit: ""),
            ProbeCount("16 pages: under the lock", 0, unit: ""),
            ProbeCount("a write that fails with EAGAIN: allocated", 0, unit: ""),
        ]
        let known = Self.kernel("7.2", [.pass], counts: odd)
        let other = Self.kernel("6.12", [.pass])
        let text = ProbeReport(kernels: [known, other], probes: ["pipe-pages"]).text()
        #expect(
            text.contains("pipes: 7.2: none of the known designs; 6.12: not counted"), "\(text)")
        #expect(!text.contains("direct I/O: "))
    }
}
