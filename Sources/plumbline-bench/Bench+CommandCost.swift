// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux

extension Bench {
    /// The part that `--only` selects.
    static let commandName = "turnaround/program"

    /// What answers at once: the contract, and nothing to do.
    private static let resident = """
        #include <stdio.h>
        #include <string.h>
        int main(void) {
          char line[16];
          while (fgets(line, sizeof line, stdin))
            if (strcmp(line, "stop\\n") == 0) { puts("{\\"ops\\": 1}"); fflush(stdout); }
        }
        """

    /// A line with the turnarounds of a workload of ours, of a program that stays and of one that is
    /// started, by turns.
    static func commandCost(_ programs: Programs) throws(PlumblineError) -> String {
        let path = "/tmp/plumbline-bench-\(UInt64.random(in: 0 ... .max))"
        defer { for end in [".c", ""] { try? SystemFile.unlink(path + end) } }
        do {
            try Descriptor.open("\(path).c", [.write, .create]).writeAll(resident)
        } catch { throw .failure("cannot write \(path).c: \(error)") }
        _ = try Programs.run(["gcc", "-O2", "-o", path, "\(path).c"])
        let name = CommandWorkload.name
        let cells = [
            "workload: \(PipeWorkload.name)",
            "{workload: \(name), run: \(path), contract: stay, metric: json:ops, better: higher}",
            "{workload: \(name), run: /bin/true}",
        ]
        var gaps: [[Double]] = Array(repeating: [], count: cells.count)
        for _ in 0..<turnaroundRuns {
            for place in cells.indices {
                gaps[place] += try self.gaps(
                    programs, of: cells[place], hasGuard: place < 2)
            }
        }
        let medians = gaps.map { Comparison.quantile($0.sorted(), 0.5) }
        let texts = (medians + [medians[1] - medians[0]]).map { Decimal.time(nanoseconds: $0) }
        return "\(commandName): \(texts[0]) of a pipe, \(texts[1]) of a program that stays: "
            + "\(texts[3]) more (goal: 2 ms); \(texts[2]) of one that is started, beside its own "
            + "time (goal: 5 ms) (medians of \(gaps[0].count))"
    }
}
