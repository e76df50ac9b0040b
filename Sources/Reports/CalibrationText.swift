// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// A calibration in words.
public enum CalibrationText {
    private static let columns = [-2, 44, 8, 10, 8, 8]

    /// The whole of it, each line ended: what `doctor --calibrate` prints.
    public static func table(_ record: CalibrationRecord, style: TextStyle = .plain) -> String {
        let slice = Decimal.time(nanoseconds: Double(record.slice))
        var lines = [
            style.bold("calibration: ") + "A/A comparisons of this machine with itself",
            "machine  \(record.machine.cpus) CPUs, \(record.machine.cpuModel ?? "unknown model"), "
                + "Linux \(record.machine.kernelRelease)",
            "slices   \(slice), seed \(record.seed)", "",
            style.faint(
                TextLines.row(["", "", "blocks", "block SD", "r1", "found"], columns)),
        ]
        for cell in record.cells {
            lines.append(style.bold(cell.name))
            func percent(_ value: Double?) -> String { value.map(Change.size) ?? "-" }
            lines.append(
                TextLines.row(
                    [
                        "",
                        "MDE80 \(percent(cell.detectableIn60)) in 60 s, "
                            + "\(percent(cell.detectableIn300)) in 300 s", "\(cell.blocks)",
                        percent(cell.blockDeviation),
                        cell.autocorrelation.map { Decimal.fixed($0, 2) } ?? "-",
                        "\(cell.rejections)/\(cell.comparisons)",
                    ], columns))
        }
        let rate = Decimal.fixed(100 * record.falsePositiveRate, 1)
        let verdict =
            "\(record.rejections) of \(record.comparisons) comparisons found a difference where "
            + "there is none (\(rate)%); \(record.fewest) to \(record.most) are in order: "
        lines.append("")
        lines += TextLines.wrapped(verdict + standing(record)).map(unindented)
            .map { record.findsTooMuch ? style.red($0) : $0 }
        lines += [
            "found: false positives of the default rule; r1: how much neighbouring blocks",
            "resemble each other; MDE80: the least change that is found in 8 of 10 runs.",
        ]
        return lines.map { $0 + "\n" }.joined()
    }

    /// What A/A comparisons showed on a host; nothing for other hardware.
    static func lines(
        _ record: CalibrationRecord, on host: Hello, _ style: TextStyle
    ) -> [String] {
        let machine = CalibrationRecord.Machine(host)
        guard record.machine.isSameHardware(as: machine) else { return [] }
        var text = "Calibration: A/A comparisons on this machine found a difference in "
        text += "\(record.rejections) of \(record.comparisons) "
        text += "(\(record.fewest) to \(record.most) are in order)"
        if record.machine != machine { text += ", on Linux \(record.machine.kernelRelease)" }
        if record.isInBand { return TextLines.wrapped("\(text).").map(unindented) }
        return TextLines.wrapped("\(text): \(standing(record))").map(unindented)
            .map { record.findsTooMuch ? style.red($0) : $0 }
    }

    private static func standing(_ record: CalibrationRecord) -> String {
        if record.isInBand { return "in band." }
        return "THE BAND IS MISSED: "
            + (record.findsTooMuch
                ? "verdicts here claim too much."
                : "verdicts here claim less than they could, as heavy-tailed noise makes them.")
    }

    private static func unindented(_ line: String) -> String { String(line.drop { $0 == " " }) }
}
