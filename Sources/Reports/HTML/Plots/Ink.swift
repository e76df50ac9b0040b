// SPDX-License-Identifier: GPL-3.0-or-later

/// What a line or an area of a plot stands for. gnuplot gets a colour that is its number, and the page
/// has a class of the style sheet in its place, so that a plot has the colours of the page's scheme.
enum Ink: Int, CaseIterable {
    case a = 1
    case b, bandA, bandB, frame, margin, claim, boot, block, round, void, estimate, part
    case experiment, range, level, shift

    /// Its class in the style sheet.
    var name: String { "\(self)" }

    /// `lc rgb "#000001"`.
    var line: String { "lc \(color)" }
    /// `fc rgb "#000001" fs solid noborder`.
    var fill: String { "fc \(color) fs solid noborder" }

    private var color: String {
        let digits = String(rawValue, radix: 16)
        return "rgb '#\(String(repeating: "0", count: 6 - digits.count))\(digits)'"
    }
}
