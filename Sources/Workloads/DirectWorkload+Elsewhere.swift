// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

extension DirectWorkload {
    /// fio's words for what is told elsewhere here or cannot be changed, each with what to use.
    private static let elsewhere: [(word: String, remedy: String)] = [
        (
            "runtime",
            "use --slice, or `slice` in the suite, for the measured part of each of its slices"
        ),
        (
            "ramp_time",
            "use `guard` in the suite for the load before each slice, `warmup` for a cell's first"
        ),
        ("time_based", "leave it out: a slice always ends by time; use --slice for how long"),
        (
            "percentile_list",
            "leave it out: reports show p50, p99, p99.9 and the maximum, and the journal keeps "
                + "each slice's whole histogram"
        ),
        ("group_reporting", "leave it out: all jobs of a slice are always counted together"),
        ("norandommap", "leave it out: random blocks always may repeat"),
        ("thread", "use workers=thread, which is the default, or workers=process"),
    ]

    /// Declared, so that whoever tells one reads what to use in its place.
    static let elsewhereSettings: [Setting] = elsewhere.map {
        Setting($0.word, .text, default: nil, "fio's word, refused here: \($0.remedy)")
    }

    /// Refuses fio's words that mean nothing here.
    static func refuseElsewhere(_ values: SettingValues) throws(PlumblineError) {
        for (word, remedy) in elsewhere where values.has(word) {
            throw .usage(
                "\(values.place): unknown setting '\(word)', one of fio's that this has not",
                remedy: remedy)
        }
    }
}
