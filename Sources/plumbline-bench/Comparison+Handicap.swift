// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells

extension Comparison {
    /// A pipe with a handicap of 100 % against the same pipe without one: half the rate.
    static func handicaps(_ programs: Programs, nanoseconds: Int) -> [Comparison] {
        [1, 2].map { writers in
            let settings = ["writers=\(writers)", "pipe_size=1m"]
            return Comparison(
                name: "handicap/pipe/\(writers)w1r/64KiB", other: "handicap=0", goal: "= 0.50",
                ours: { () throws(PlumblineError) in
                    try programs.rate(
                        of: PipeWorkload.name, settings + ["handicap=100"], nanoseconds: nanoseconds
                    )
                },
                theirs: { () throws(PlumblineError) in
                    try programs.rate(of: PipeWorkload.name, settings, nanoseconds: nanoseconds)
                })
        }
    }
}
