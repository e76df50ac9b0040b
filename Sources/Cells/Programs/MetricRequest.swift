// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// One number that is asked of a run of a program, and where it is found.
package struct MetricRequest: Sendable, Equatable {
    /// How the number is found.
    package enum Reader: Sendable, Equatable {
        /// In the JSON that the program prints.
        case json(JSONPath)
        /// The first capture group of a regular expression. `^` and `$` are the ends of lines.
        case regex(String)
        /// The value of a word: `iops: 12`, `iops = 12` or `iops=12`.
        case key(String)
        /// The program's own time, from its start to its end.
        case time
    }

    /// What is taken where a reader finds several numbers.
    package enum Pick: String, Sendable, Equatable, CaseIterable {
        case first, last, min, max, mean, sum
    }

    /// Which direction is good.
    package enum Better: String, Sendable, Equatable, CaseIterable {
        case higher, lower
    }

    /// What reports call it.
    package let name: String
    package let reader: Reader
    /// Nil: more than one number is an error.
    package let pick: Pick?
    /// The unit of the value. A number of the output that has a unit of the same kind behind it is
    /// converted to this one. A bare number is in this unit.
    package var unit: MetricUnit
    /// Nil: neither the user nor the unit says.
    package var better: Better?
    /// The name of the adapter that it belongs to.
    package let adapter: String?
    /// Whether the program's K, M and G are powers of 1024.
    package let usesBinaryPrefixes: Bool
    /// What it is called without a name of the user's.
    let usualName: String

    /// A metric of an adapter or of a user.
    ///
    /// - Parameters:
    ///   - name: what reports call it; nil for what the reader is about.
    ///   - better: nil for what the unit says.
    package init(
        name: String? = nil, _ reader: Reader, pick: Pick? = nil, unit: String? = nil,
        better: Better? = nil, adapter: String? = nil, usesBinaryPrefixes: Bool = false
    ) {
        let usual = reader.usualName
        self.name = name ?? usual
        self.reader = reader
        self.pick = pick
        self.unit = MetricUnit(unit ?? (reader == .time ? "ns" : ""))
        self.better = better ?? self.unit.better
        self.adapter = adapter
        self.usesBinaryPrefixes = usesBinaryPrefixes
        usualName = adapter == nil ? usual : self.name
    }

    private init(
        _ other: MetricRequest, name: String?, pick: Pick?, unit: String?, better: Better?
    ) {
        self.name = name ?? other.name
        reader = other.reader
        self.pick = pick ?? other.pick
        self.unit = unit.map { MetricUnit($0) } ?? other.unit
        self.better = better ?? (unit == nil ? other.better : self.unit.better ?? other.better)
        adapter = other.adapter
        usesBinaryPrefixes = other.usesBinaryPrefixes
        usualName = other.usualName
    }

    /// The same with what a user says of it; nil leaves a part as it is.
    ///
    /// - Throws: `usage` where an adapter's unit and this one are of different kinds.
    package func with(
        name: String? = nil, pick: Pick? = nil, unit: String? = nil, better: Better? = nil
    ) throws(PlumblineError) -> MetricRequest {
        let changed = MetricRequest(self, name: name, pick: pick, unit: unit, better: better)
        let isFixed = adapter != nil || reader == .time
        guard !isFixed || changed.unit.kind == self.unit.kind else {
            throw .usage(
                "invalid unit '\(changed.unit)' for the metric \(self) (it is in \(self.unit))",
                remedy: "leave the unit out, or give another of the same kind")
        }
        return changed
    }
}

extension MetricRequest.Reader {
    /// What a metric without a name is called.
    var usualName: String {
        switch self {
        case .json(let path): path.name ?? "value"
        case .regex: "value"
        case .key(let key): key
        case .time: "time"
        }
    }
}
