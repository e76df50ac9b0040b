// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

extension Bench {
    /// A line with the agent's cost: the file's size, the median time from start to end of
    /// `--hello`, and the most resident memory.
    static func agentCost(_ agent: String) throws(PlumblineError) -> String {
        let starts = 11
        let cost = try Programs.cost(of: [agent, "--hello"], starts: starts)
        let size: Int
        do {
            size = try Descriptor.open(agent).facts().size
        } catch {
            throw .failure("\(agent): \(error)", remedy: "run make build")
        }
        return "agent: \(Decimal.fixed(Double(size) / 1e6, 1)) MB, start to hello "
            + "\(Decimal.time(nanoseconds: cost.time)) (median of \(starts)), "
            + "\(Decimal.fixed(Double(cost.resident) / Double(1 << 20), 1)) MiB resident "
            + "(goals: 20 MB, 50 ms, 24 MiB)"
    }
}
