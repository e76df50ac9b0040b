// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import LabSupport
import Linux
import Testing

@testable import Kernels

/// Kernels that are wrong on purpose are built, booted and probed: each probe can fail, and passes on
/// the kernel without the fault.
@Suite(
    .serialized,
    .enabled(
        if: ProcessInfo.processInfo.environment["PLUMBLINE_FAULTS"] != nil,
        "builds and boots kernels: make fault-test"))
struct BrokenKernelProbeTests {
    /// The probes that find a fault, what each says, and whether only a debug kernel shows it.
    private struct Finding {
        var fault: String
        var probes: [String]
        var words: String
        var needsDebug = false
        /// What has to run first.
        var before: [String] = []
    }

    /// Probes that are shown to fail.
    static let proven = Set(findings.flatMap(\.probes))

    private static let findings = [
        Finding(
            fault: "pipe-leak",
            probes: [
                "pipe-pages", "pipe-failures", "pipe-blocked", "pipe-idle", "pipe-recycling",
                "pipe-limit", "pipe-leaks",
            ], words: "of them were freed"),
        Finding(
            fault: "pipe-recycle", probes: ["pipe-references"],
            words: "a page in the second pipe was written to"),
        Finding(
            fault: "pipe-lost-wakeup", probes: ["pipe-wakeups"], words: "one sleeps for ever"),
        Finding(
            fault: "pipe-partial-write", probes: ["pipe-edges"],
            words: "a write of 12 pages with 4 good ones answered -14"),
        Finding(
            fault: "pipe-partial-write", probes: ["pipe-enomem"],
            words: "it answered -12, and", needsDebug: true),
        Finding(
            fault: "pipe-resize-order", probes: ["pipe-resize"], words: "places are wrong"),
        Finding(
            fault: "pipe-atomic-sleep", probes: ["pipe-stream"], words: "bug in the kernel",
            needsDebug: true),
        Finding(fault: "dio-leak", probes: ["dio-structures"], words: "structures are not freed"),
        Finding(
            fault: "dio-leak", probes: ["leaks"], words: "leak", needsDebug: true,
            before: ["dio-data"]),
        Finding(fault: "dio-short-read", probes: ["dio-data"], words: "and must 512"),
        Finding(
            fault: "dio-enomem", probes: ["dio-enomem"], words: "it answered -5", needsDebug: true),
        Finding(
            fault: "dio-offline-leak", probes: ["dio-offline"],
            words: "not freed when their CPU went offline"),
        Finding(
            fault: "dio-pool-stays", probes: ["dio-offline"],
            words: "not freed when their CPU went offline"),
        Finding(
            fault: "dio-atomic-sleep", probes: ["dio-data"], words: "bug in the kernel",
            needsDebug: true),
    ]

    private struct Document: Decodable {
        struct Kernel: Decodable { var probes: [Probe] }
        struct Probe: Decodable {
            var probe: String
            var result: String
            var reason: String?
        }
        var kernels: [Kernel]
    }

    /// A guest needs a static agent.
    private var agent: [String] {
        ProcessInfo.processInfo.environment["PLUMBLINE_AGENT"].map { ["--agent", $0] } ?? []
    }

    private func probe(
        _ kernel: String, _ probes: [String]
    ) throws -> (exit: ChildProcess.Exit, probes: [Document.Probe]) {
        let file = "/var/tmp/plumbline-broken-\(UInt32.random(in: 0 ... .max)).json"
        defer { try? SystemFile.unlink(file) }
        let run = try Command.run(
            [
                Built.plumbline, "probe", "--kernel", kernel, "--only",
                probes.joined(separator: ","), "--format", "json", "--output", file,
            ] + agent,
            timeoutMilliseconds: 300_000)
        let text = try #require(try? SystemFile.read(file), "\(run.output)")
        let document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
        return (run.exit, document.kernels[0].probes)
    }

    @Test(
        "each probe finds its fault, and nothing on the kernel without it",
        arguments: BrokenKernel.all)
    func found(kernel: BrokenKernel) throws {
        let patch = "/var/tmp/plumbline-broken-\(kernel.fault).patch"
        try Descriptor.open(patch, [.write, .create, .truncate]).writeAll(kernel.patch.text)
        defer { try? SystemFile.unlink(patch) }
        let findings = Self.findings.filter { $0.fault == kernel.fault }
        #expect(!findings.isEmpty)
        for finding in findings {
            let right = kernel.variant.name + (finding.needsDebug ? "+debug" : "")
            let built = try Command.run(
                [Built.plumbline, "kernel", "build", right, "--patch", patch],
                timeoutMilliseconds: 1_800_000)
            #expect(built.succeeded, "\(built.output)")
            let image = try #require(
                built.output.split(whereSeparator: \.isWhitespace).last { $0.hasSuffix("bzImage") })
            // One guest each, which a probe may break.
            for probe in finding.probes {
                let wrong = try self.probe(String(image), finding.before + [probe])
                #expect(wrong.exit == .exited(3), "\(probe)")
                let last = try #require(wrong.probes.last)
                #expect(last.probe == probe && last.result == "fail")
                let reason = last.reason ?? ""
                #expect(reason.contains(finding.words), "\(probe): \(reason)")
            }
            let control = try self.probe(right, finding.before + finding.probes)
            #expect(control.exit == .exited(0))
            for probe in control.probes {
                #expect(probe.result == "pass", "\(probe.probe): \(probe.reason ?? "")")
            }
        }
    }
}
