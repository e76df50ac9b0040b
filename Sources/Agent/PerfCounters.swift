// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// The perf counters over a slice's workers; each that the machine does not have is left out.
final class PerfCounters {
    /// One counter of one process; a box, because arrays hold no noncopyable values.
    private final class Running {
        let counter: Counter
        let name: String
        var before: UInt64 = 0

        init?(_ kind: Counter.Kind, process: Int32) {
            guard let opened = try? Counter(kind, process: process, inherit: true) else {
                return nil
            }
            counter = opened
            name = Self.names[kind] ?? kind.rawValue
        }

        static let names: [Counter.Kind: String] = [
            .kernelInstructions: "kernel_instructions", .contextSwitches: "context_switches",
            .pageFaults: "page_faults", .cpuMigrations: "cpu_migrations",
        ]
    }

    private let running: [Running]

    /// Counts in these processes and in the threads they start from now on.
    init(processes: [Int32]) {
        running = processes.flatMap { process in
            Counter.Kind.allCases.compactMap { Running($0, process: process) }
        }
    }

    /// Notes where the counters stand.
    func start() {
        for one in running { one.before = (try? one.counter.read()) ?? 0 }
    }

    /// The counts since `start`, by name and over all processes; `nil` when there is no counter.
    func finish() -> [String: Int64]? {
        var sums: [String: Int64] = [:]
        for one in running {
            guard let now = try? one.counter.read() else { continue }
            sums[one.name, default: 0] += Int64(bitPattern: now &- one.before)
        }
        return sums.isEmpty ? nil : sums
    }
}
