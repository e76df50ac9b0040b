// SPDX-License-Identifier: GPL-3.0-or-later

/// The unit of a metric as a program or a user writes it: `us`, `MiB/s`, `KIOPS`, `usecs/op`.
///
/// A known unit is a factor times the base of its kind. The kinds are time (base: nanoseconds),
/// bytes, bits and counts of operations; `/s` or another word after a slash makes a kind of its own.
/// Any other word is a kind of its own with the factor 1.
package struct MetricUnit: Sendable, Equatable, CustomStringConvertible {
    /// As it was written; empty where a number has no unit.
    package let text: String
    /// What one of this unit is in the base of its kind: 1e3 for `us`.
    package let factor: Double
    /// Units of one kind can be converted: `time`, `bytes/s`.
    package let kind: String

    /// A unit as it was written.
    ///
    /// - Parameter binary: whether K, M, G and T stand for powers of 1024, as some programs have it.
    package init(_ text: String, binary: Bool = false) {
        self.text = text
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var head = parts[0]
        var tail = parts.count > 1 ? Self.tail(parts[1]) : ""
        // `MBps` and `Kbps`.
        if parts.count == 1, head.hasSuffix("ps"), let found = Self.known(head.dropLast(2), binary),
            found.kind == "bytes" || found.kind == "bits"
        {
            (head, tail) = (head.dropLast(2), "/s")
        }
        if !text.isEmpty, let found = Self.known(head, binary) {
            // `IOPS` has its second in its name.
            (factor, kind) = (found.factor, found.kind + (found.kind == "count/s" ? "" : tail))
        } else {
            (factor, kind) = (1, text)
        }
    }

    package var description: String { text }

    /// Whether it is one that can be converted into others.
    package var isKnown: Bool {
        ["time", "bytes", "bits", "count"].contains(kind.prefix { $0 != "/" })
    }

    /// Which direction is good: less time, more of anything a second; nil where the unit does not
    /// say.
    package var better: MetricRequest.Better? {
        if kind == "time" || kind.hasPrefix("time/") { return .lower }
        return isKnown && kind.hasSuffix("/s") ? .higher : nil
    }

    private static func tail(_ word: Substring) -> String {
        ["s", "sec", "second"].contains(word) ? "/s" : "/\(word)"
    }

    /// Factor and kind of a unit without what follows its slash.
    private static func known(
        _ word: some StringProtocol, _ binary: Bool
    ) -> (factor: Double, kind: String)? {
        if let factor = times[String(word)] { return (factor, "time") }
        if let kind = bases[String(word)] { return (1, kind) }
        guard let prefix = word.first, let power = powers[prefix] else { return nil }
        var rest = word.dropFirst()
        var step = binary ? 1024.0 : 1000
        if rest.hasPrefix("i") {
            rest = rest.dropFirst()
            step = 1024
        }
        // Of a size alone: `k` and `Ki` multiply a count.
        guard rest.isEmpty || bases[String(rest)] != nil else { return nil }
        let factor = (0..<power).reduce(1.0) { product, _ in product * step }
        return (factor, rest.isEmpty ? "count" : bases[String(rest), default: "count"])
    }

    private static let powers: [Character: Int] = ["k": 1, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5]
    private static let bases = [
        "B": "bytes", "byte": "bytes", "bytes": "bytes", "b": "bits", "bit": "bits", "bits": "bits",
        "op": "count", "ops": "count", "operations": "count", "": "count", "IOPS": "count/s",
        "iops": "count/s",
    ]
    private static let times: [String: Double] = {
        var times: [String: Double] = [:]
        let names: [(Double, [String])] = [
            (1, ["ns", "nsec", "nsecs", "nanosecond", "nanoseconds"]),
            (1e3, ["us", "µs", "usec", "usecs", "microsecond", "microseconds"]),
            (1e6, ["ms", "msec", "msecs", "millisecond", "milliseconds"]),
            (1e9, ["s", "sec", "secs", "second", "seconds"]),
        ]
        for (factor, words) in names {
            for word in words { times[word] = factor }
        }
        return times
    }()
}
