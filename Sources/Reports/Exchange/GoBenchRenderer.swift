// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Verdicts

/// `--format gobench`: the Go benchmark format, which benchstat reads.
///
/// A line is one round of boots, block or slice of one arm, so `benchstat -col arm FILE` compares
/// the arms, and `benchstat A B` runs of two kernels. What differs between such files is in
/// comments: benchstat makes tables of their own for keys that differ.
///
/// Source: golang/proposal, design/14313-benchmark-format.md, and golang/perf, benchfmt/reader.go.
struct GoBenchRenderer: Renderer {
    static let name = "gobench"
    static let part = ReportPart.samples

    /// Units that benchstat does not know, and which way they are better.
    private static let units = ["Unit ops/s better=higher", "Unit instr/op better=lower"]

    func render(_ report: some Report, style: TextStyle) throws(PlumblineError) -> String {
        try report.check(for: Self.self)
        var journals: [[ReportRow]] = []
        for row in report.rows {
            if journals.last?.first?.journal == row.journal {
                journals[journals.count - 1].append(row)
            } else {
                journals.append([row])
            }
        }
        var lines = Self.units
        for row in report.rows {
            guard let metric = row.metric.own else { continue }
            let line = "Unit \(Self.unit(of: metric)) better=\(row.metric.better)"
            if !lines.contains(line) { lines.append(line) }
        }
        for rows in journals { lines += Self.lines(rows, isOneOfMany: journals.count > 1) }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func lines(_ rows: [ReportRow], isOneOfMany: Bool) -> [String] {
        let header = rows[0].header
        var lines = ["", "# experiment: \(rows[0].experiment.printable)"]
        for (arm, (label, kernel)) in zip(Arm.allCases, zip(rows[0].labels, rows[0].kernels)) {
            lines.append("# \(arm): \(label.printable), Linux \(kernel.printable)")
        }
        lines += rows[0].lostRounds.map { "# \($0.text.printable)" }
        if isOneOfMany { lines.append(key("journal", rows[0].journal)) }
        lines += [
            key("suite", header.suite.name), key("metric", header.metric.rawValue),
            key("arch", header.host.machine), key("cpu", header.host.cpuModel ?? "unknown"),
            key("emulated", header.isEmulated ? "yes" : "no"),
        ]
        let cells = names(of: rows)
        for (place, arm) in Arm.allCases.enumerated() where place < rows[0].sides.count {
            lines.append(key("arm", arm.rawValue))
            for (row, name) in zip(rows, cells) {
                let samples = row.sides[place].samples ?? []
                let figures = samples.compactMap { line(name, of: row, $0) }
                lines += figures.isEmpty ? ["# \(row.plan.name.printable): no figure"] : figures
            }
        }
        return lines
    }

    /// `key: value`. Without a value the key would be forgotten.
    private static func key(_ name: String, _ value: String) -> String {
        "\(name): \(value.printable.trimmed)"
    }

    /// `BenchmarkPipe/msgsize=4096/pressure=none-2 1000 81.5 ns/op 50245398 B/s`.
    private static func line(
        _ name: String, of row: ReportRow, _ sample: ReportRow.Sample
    ) -> String? {
        var values: [(Double?, String)] = []
        if let metric = row.metric.own, sample.instructions == nil {
            values = [(sample.value, unit(of: metric))]
        } else if let rate = sample.rate, rate > 0 {
            values = [(1e9 / rate, "ns/op")]
            values.append(
                row.metric == .bandwidth ? (sample.bandwidth, "B/s") : (rate, "ops/s"))
        }
        values.append((sample.instructions, "instr/op"))
        let pairs = values.compactMap { value, unit in
            value.flatMap { $0.isFinite ? "\($0) \(unit)" : nil }
        }
        guard !pairs.isEmpty else { return nil }
        let count = max(1, Int(exactly: (sample.operations ?? 1).rounded()) ?? 1)
        return ([name, "\(count)"] + pairs).joined(separator: " ")
    }

    /// The unit of a foreign program's metric, which has its name: `lat_p99:us`. The same unit may
    /// be good in one metric and bad in another.
    private static func unit(of metric: CellMetric.OwnMetric) -> String {
        part(metric.unit.text.isEmpty ? metric.name : "\(metric.name):\(metric.unit.text)")
    }

    /// The names of an experiment's cells: what was set, the pressure and, as Go has it at the end,
    /// the CPUs. Cells that have one name get numbers.
    private static func names(of rows: [ReportRow]) -> [String] {
        let names = rows.map { row in
            let settings = pairs(row.plan.settings)
            let pressure = ["pressure=\(row.plan.pressure)"] + pairs(row.plan.pressureSettings)
            let parts = [capital(row.plan.workload)] + settings + pressure
            return "Benchmark" + parts.map(part).joined(separator: "/")
        }
        var uses: [String: Int] = [:]
        for name in names { uses[name, default: 0] += 1 }
        return zip(rows, names).enumerated().map { place, cell in
            let (row, name) = cell
            let number = uses[name, default: 1] > 1 ? "/cell=\(place + 1)" : ""
            return "\(name)\(number)-\(max(1, row.header.host.cpus))"
        }
    }

    private static func pairs(_ settings: [String: SettingValue]) -> [String] {
        settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }

    /// A part of a name in which no scalar ends the name or the part.
    private static func part(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.printable.unicodeScalars.map { scalar in
                    scalar == "/" || scalar.properties.isWhitespace ? "_" : scalar
                }))
    }

    private static func capital(_ name: String) -> String {
        guard let first = name.first, first.isASCII, first.isLetter else { return "Cell_\(name)" }
        return first.uppercased() + name.dropFirst()
    }
}
