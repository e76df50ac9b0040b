// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// `--format csv`: a header line, then one record a cell and journal.
///
/// A name says the unit. A field without a value is empty. New columns come at the end.
///
/// Source: RFC 4180. No field has a line end: a record is one line.
struct CSVRenderer: Renderer {
    static let name = "csv"
    static let part = ReportPart.rows

    private typealias Column = (name: String, value: @Sendable (ReportRow) -> String?)

    func render(_ report: some Report, style: TextStyle) throws(PlumblineError) -> String {
        var lines = [Self.columns.map(\.name).joined(separator: ",")]
        try report.check(for: Self.self)
        for row in report.rows {
            lines.append(
                Self.columns.map { Self.field($0.value(row) ?? "") }.joined(separator: ","))
        }
        return lines.map { $0 + "\r\n" }.joined()
    }

    private static func field(_ text: String) -> String {
        let text = text.printable
        let isPlain = !text.unicodeScalars.contains { $0 == "," || $0 == "\"" }
        if isPlain, text.first != " ", text.last != " " { return text }
        // By scalars: a quote and an accent behind it are one character.
        var quoted = "\"".unicodeScalars
        for scalar in text.unicodeScalars {
            if scalar == "\"" { quoted.append(scalar) }
            quoted.append(scalar)
        }
        quoted.append("\"")
        return String(quoted)
    }

    private static let columns: [Column] =
        facts + side("a", 0) + side("b", 1) + answer + own

    private static let facts: [Column] = [
        ("experiment", { $0.experiment }),
        ("started_at", { Timestamp.compact($0.header.startedAt) }),
        ("kind", { $0.kind }),
        ("suite", { $0.header.suite.name }),
        ("metric", { $0.header.metric.rawValue }),
        ("emulated", { $0.header.isEmulated ? "1" : "0" }),
        ("cell", { $0.plan.name }),
        ("short_name", { $0.plan.shortName }),
        ("workload", { $0.plan.workload }),
        ("pressure", { $0.plan.pressure }),
        ("unit", { $0.metric.unit }),
    ]

    private static func side(_ arm: String, _ place: Int) -> [Column] {
        func column(
            _ name: String, _ value: @escaping @Sendable (ReportRow.Side) -> String?
        ) -> Column {
            ("\(arm)_\(name)", { $0.sides.count > place ? value($0.sides[place]) : nil })
        }
        let columns: [Column] = [
            ("\(arm)_label", { $0.labels.count > place ? $0.labels[place] : nil }),
            ("\(arm)_kernel", { $0.kernels.count > place ? $0.kernels[place] : nil }),
            column("rate_per_second") { number($0.rate) },
            column("bytes_per_second") { number($0.bandwidth) },
            column("instructions_per_operation") { number($0.instructions) },
            column("slices") { "\($0.slices)" },
            column("void_slices") { "\($0.voids)" },
        ]
        let times: [(String, @Sendable (LatencyRecord) -> Double)] = [
            ("mean", { $0.mean }), ("p50", { Double($0.p50) }), ("p90", { Double($0.p90) }),
            ("p99", { Double($0.p99) }), ("p99_9", { Double($0.p99_9) }),
            ("max", { Double($0.max) }),
        ]
        return columns
            + times.map { name, time in
                column("latency_\(name)_ns") {
                    $0.latencies.first.flatMap { number(time($0.record)) }
                }
            }
            + times.map { name, time in
                column("reader_latency_\(name)_ns") { side in
                    guard side.latencies.count > 1 else { return nil }
                    return side.latencies.first { $0.track == "read" }.flatMap {
                        number(time($0.record))
                    }
                }
            }
    }

    private static let answer: [Column] = [
        ("effect_percent", { number($0.verdict?.effect) }),
        ("interval_low_percent", { number($0.verdict?.interval?.lower) }),
        ("interval_high_percent", { number($0.verdict?.interval?.upper) }),
        ("confidence", { number($0.verdict?.interval?.confidence) }),
        ("p_value", { number($0.verdict?.p) }),
        ("p_adjusted", { number($0.verdict?.adjustedP) }),
        ("verdict", { $0.verdict?.outcome.rawValue }),
        ("blocks", { ($0.verdict?.blocks).map { "\($0)" } }),
        ("rounds", { ($0.verdict?.rounds).map { "\($0)" } }),
        ("void_blocks", { ($0.verdict?.voidBlocks).map { "\($0)" } }),
        ("no_difference_larger_than_percent", { number($0.verdict?.noLargerThan) }),
        ("mde80_percent", { number($0.verdict?.detectable) }),
        ("between_boot_sd_percent", { number(($0.verdict?.spread?.between).map { 100 * $0 }) }),
        ("tags", { $0.verdict?.tags.joined(separator: " ") }),
        ("failure", { $0.failure?.message }),
        ("journal", { $0.journal }),
        ("a_lost_rounds", { lostRounds($0, .a) }),
        ("b_lost_rounds", { lostRounds($0, .b) }),
        ("lost_rounds", { $0.lostRounds.map(\.text).joined(separator: "; ") }),
    ]

    /// The metric of a foreign program.
    private static let own: [Column] = [
        ("own_metric", { $0.metric.own?.name }),
        ("better", { row in row.metric.own.map { _ in row.metric.better } }),
        ("a_value", { number($0.sides.first?.value) }),
        ("b_value", { number($0.sides.count > 1 ? $0.sides[1].value : nil) }),
    ]

    /// How many rounds an arm lost; nothing where no rounds are booted.
    private static func lostRounds(_ row: ReportRow, _ arm: Arm) -> String? {
        guard row.header.plan.bootsRounds else { return nil }
        return "\(Set(row.lostRounds.filter { $0.arm == arm }.map(\.round)).count)"
    }

    /// A number as programs read it; nothing for one that is not finite.
    private static func number(_ value: Double?) -> String? {
        guard let value, value.isFinite else { return nil }
        return value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }
}
