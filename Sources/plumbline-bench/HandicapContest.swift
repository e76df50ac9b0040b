// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells

/// A pipe with a handicap of 100 % against the same pipe without one: half the rate.
enum HandicapContest {
    static func all(tools: Tools, nanoseconds: Int) -> [Contest] {
        [1, 2].map { writers in
            let settings = ["writers=\(writers)", "pipe_size=1m"]
            return Contest(
                name: "handicap/pipe/\(writers)w1r/64KiB", opponent: "handicap=0", aim: "= 0.50",
                ours: { () throws(PlumblineError) in
                    try tools.slice(
                        PipeWorkload.name, settings + ["handicap=100"], nanoseconds: nanoseconds)
                },
                theirs: { () throws(PlumblineError) in
                    try tools.slice(PipeWorkload.name, settings, nanoseconds: nanoseconds)
                })
        }
    }
}
