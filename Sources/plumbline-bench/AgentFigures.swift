// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// What the agent itself costs: its size, its start, its memory.
enum AgentFigures {
    private static let starts = 11

    /// One line: bytes of the file, median time from its start to the end of `--hello`, and the
    /// most memory it had resident.
    static func line(_ agent: String) throws(PlumblineError) -> String {
        let cost = try Tools.cost(of: [agent, "--hello"], starts: starts)
        let size: Int
        do {
            size = try Descriptor.open(agent).facts().size
        } catch {
            throw .failure("\(agent): \(error)", remedy: "run make build")
        }
        return "agent: \(Decimal.fixed(Double(size) / 1e6, 1)) MB, start to hello "
            + "\(Decimal.time(nanoseconds: cost.time)) (median of \(starts)), "
            + "\(Decimal.fixed(Double(cost.resident) / Double(1 << 20), 1)) MiB resident "
            + "(aims: 20 MB, 50 ms, 24 MiB)"
    }
}
