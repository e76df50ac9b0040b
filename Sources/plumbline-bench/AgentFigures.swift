// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import Linux
import SystemPackage

/// What the agent itself costs: its size, its start, its memory.
enum AgentFigures {
    private static let starts = 11

    /// One line: bytes of the file, median time from its start to the end of `--hello`, and the
    /// most memory it had resident.
    static func line(_ agent: String) throws(PlumblineError) -> String {
        do throws(Errno) {
            let size = try Descriptor.open(agent).facts().size
            var times: [Double] = []
            var resident = 0
            for _ in 0..<starts {
                let null = try Descriptor.open("/dev/null", .write)
                let start = Clock.monotonicNanoseconds()
                let child = try Command.spawn([agent, "--hello"], output: null)
                var usage: ResourceUsage?
                while usage == nil { usage = try child.waitWithUsage()?.usage }
                times.append(Double(Clock.monotonicNanoseconds() - start))
                resident = max(resident, usage?.maxResidentBytes ?? 0)
            }
            let median = RatioTable.quantile(times.sorted(), 0.5)
            return "agent: \(Decimal.fixed(Double(size) / 1e6, 1)) MB, start to hello "
                + "\(Decimal.time(nanoseconds: median)) (median of \(starts)), "
                + "\(Decimal.fixed(Double(resident) / Double(1 << 20), 1)) MiB resident "
                + "(aims: 20 MB, 50 ms, 24 MiB)"
        } catch {
            throw .failure("\(agent): \(error)", remedy: "run make build")
        }
    }
}
