// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Experiment
import FoundationEssentials
import Journal
import LabSupport
import Linux
import Protocol

@testable import Guests
@testable import Kernels

/// A kernel that was built on this machine, and guests with it.
enum GuestKernel {
    static var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// Images: `PLUMBLINE_TEST_KERNEL`, else the kernels in the cache that are not debug ones,
    /// which need more memory than these guests have; the newest first.
    private static let images: [String] = {
        if let path = environment["PLUMBLINE_TEST_KERNEL"], !path.isEmpty { return [path] }
        let kernels = (try? KernelStore(environment: environment))?.list() ?? []
        return kernels.filter { !$0.isDebug }.map(\.path)
    }()

    /// An image without what only some guests need, if there is one.
    static let image = images.first { $0 != full } ?? full

    /// An image for NUMA nodes and XFS.
    static let full = images.first {
        (try? GuestImage.check($0, nodes: 2, programs: [.makeXFS])) != nil
    }

    /// The static agent of a release build, beside the debug build that the tests are.
    static let agent: String? = {
        let folder = Built.agent.split(separator: "/").dropLast(2).joined(separator: "/")
        let path = "/\(folder)/release/plumbline-agent"
        return SystemFile.exists(path) ? path : nil
    }()

    /// Whether guests can be booted; else the skip's reason holds.
    static var isThere: Bool {
        image != nil && agent != nil
            && (try? GuestMaker(agent: "/", environment: environment)) != nil
    }

    static let suite = SuiteRecord(
        name: "test", summary: "", slice: 500_000_000, guardTime: 5_000_000, warmup: 0, slices: 2,
        pressureThreshold: 100,
        cells: [
            CellPlan(
                name: "pipe/a", workload: "pipe", settings: [:], pressure: "none",
                pressureSettings: [:])
        ])

    /// A guest of one small machine.
    static func guest(
        _ suite: SuiteRecord = suite, _ change: (inout GuestPlan) -> Void = { _ in }
    ) async throws -> Guest {
        var plan = GuestPlan(name: "the guest", image: image ?? "")
        plan.memory = 512 << 20
        change(&plan)
        let maker = try GuestMaker(agent: agent ?? "", environment: environment)
        return try await maker.make([plan], for: suite, accelerator: .tcg) { false }.guests[0]
    }

    /// What came of a suite in a guest.
    struct Result {
        var journal: StoredJournal?
        var failures: [PlumblineError] = []
        var thrown: PlumblineError?

        var messages: String {
            (failures + [thrown].compactMap { $0 }).map(\.message).joined(separator: "\n")
        }
    }

    /// Runs a suite in a guest; `silence` is the limit of one.
    static func run(
        _ suite: SuiteRecord = suite, silence: Duration? = nil,
        _ change: (inout GuestPlan) -> Void = { _ in }
    ) async throws -> Result {
        var configuration = try await guest(suite, change).configuration()
        // A debug build's initramfs is large, and other work may be going on.
        configuration.startTimeout = .seconds(300)
        configuration.restarts = 0
        if let silence { configuration.silenceLimit = silence }
        let scratch = try Scratch()
        defer { withExtendedLifetime(scratch) {} }
        let path = "\(scratch.path)/journal.jsonl"
        let writer = try JournalWriter.create(at: path)
        var result = Result()
        do throws(PlumblineError) {
            let plan = Plan(.run, suite, seed: 1, guest: configuration.guest)
            let target = try MachineTarget(
                plan, agent: configuration, isInterrupted: { false }, report: { _ in })
            var runner = try ExperimentRunner(
                plan, on: target, journal: writer, isInterrupted: { false }, report: { _ in })
            result.failures = try await runner.run().failures.map(\.error)
        } catch { result.thrown = error }
        result.journal = try? StoredJournal(readingFrom: path)
        return result
    }
}
