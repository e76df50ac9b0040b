// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import LabSupport
import Linux
import Testing

@testable import Kernels

/// Kernels that are wrong on purpose are built, booted and probed: each probe can fail.
@Suite(
    .serialized,
    .enabled(
        if: ProcessInfo.processInfo.environment["PLUMBLINE_FAULTS"] != nil,
        "builds and boots kernels: make fault-test"))
struct BrokenKernelProbeTests {
    /// The probes that find a fault.
    private static let probes = [
        "pipe-leak": "pipe-pages,pipe-idle", "pipe-recycle": "pipe-references",
        "pipe-lost-wakeup": "pipe-wakeups", "pipe-atomic-sleep": "pipe-stream",
        "dio-leak": "dio-structures", "dio-short-read": "dio-data",
        "dio-offline-leak": "dio-offline", "dio-pool-stays": "dio-offline",
        "dio-atomic-sleep": "dio-data",
    ]
    /// Faults that only a debug kernel reports.
    private static let silent: Set = ["pipe-atomic-sleep", "dio-atomic-sleep"]

    /// A guest needs a static agent.
    private var agent: [String] {
        ProcessInfo.processInfo.environment["PLUMBLINE_AGENT"].map { ["--agent", $0] } ?? []
    }

    @Test("a probe finds each fault", arguments: BrokenKernel.all)
    func found(kernel: BrokenKernel) throws {
        let patch = "/var/tmp/plumbline-broken-\(kernel.fault).patch"
        try Descriptor.open(patch, [.write, .create, .truncate]).writeAll(kernel.patch.text)
        defer { try? SystemFile.unlink(patch) }
        let name = kernel.variant.name + (Self.silent.contains(kernel.fault) ? "+debug" : "")
        let built = try Command.run(
            [Built.plumbline, "kernel", "build", name, "--patch", patch],
            timeoutMilliseconds: 1_800_000)
        #expect(built.succeeded, "\(built.output)")
        let image = try #require(
            built.output.split(whereSeparator: \.isWhitespace).last { $0.hasSuffix("bzImage") })
        let names = try #require(Self.probes[kernel.fault])
        let probed = try Command.run(
            [Built.plumbline, "probe", "--kernel", String(image), "--only", names] + agent,
            timeoutMilliseconds: 300_000)
        #expect(probed.exit == .exited(3), "\(probed.output)")
        #expect(probed.output.contains("fail"))
    }
}
