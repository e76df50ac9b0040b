// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// fio's options that mean nothing here, each with what to use in its place.
enum RefusedFioOptions {
    private static let options: [(word: String, remedy: String)] = [
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

    /// Declared, so that whoever gives one reads what to use in its place.
    static let settings: [Setting] = options.map {
        Setting($0.word, .text, default: nil, help: "fio's option, refused here: \($0.remedy)")
    }

    /// - Throws: `usage` for the first of them that is given.
    static func check(_ values: SettingValues) throws(PlumblineError) {
        for (word, remedy) in options where values.values[word] != nil {
            throw .usage(
                "unknown setting '\(word)' for \(values.owner): fio's option is not supported",
                remedy: remedy)
        }
    }
}
