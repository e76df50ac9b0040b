// SPDX-License-Identifier: GPL-3.0-or-later

/// A plot: what gnuplot is told, and what the plot shows in words.
///
/// gnuplot is told numbers and this program's own words: nothing that a journal calls something.
struct Plot: Sendable {
    /// More boots are not marked.
    static let mostBoots = 40

    /// What it shows.
    let title: String
    /// The result, for those who do not see it.
    let words: String
    /// Its size in the units of its own coordinates; a browser scales it.
    let width: Int
    let height: Int
    /// gnuplot's commands.
    private(set) var script: String

    /// A plot without anything in it.
    init(_ title: String, words: String, width: Int = 380, height: Int = 230) {
        self.title = title
        self.words = words
        self.width = width
        self.height = height
        script = """
            reset
            set terminal svg size \(width),\(height) fixed rounded noenhanced font 'sans-serif,11'
            set encoding utf8
            set samples 2
            set border 3 \(Ink.frame.line)
            set tics nomirror out scale 0.5
            set key outside top left horizontal Left reverse samplen 1.5 width 1

            """
    }

    /// Adds a command.
    mutating func add(_ command: String) { script += command + "\n" }

    /// Adds the titles of both axes, units in them.
    mutating func addAxes(x: String, y: String = "") {
        add("set xlabel '\(x)' offset 0,0.4")
        add("set ylabel '\(y)'")
    }

    /// Adds data by the name of `$NAME`; a row that is empty, or not of numbers, ends a line.
    mutating func add(_ name: String, _ rows: [[Double]]) {
        add("$\(name) << EOD")
        for row in rows {
            add(row.allSatisfy(\.isFinite) ? row.map { "\($0)" }.joined(separator: " ") : "")
        }
        add("EOD")
    }

    /// Adds a band across the plot, in the units of the y axis, or of the x axis.
    mutating func addBand(from low: Double, to high: Double, acrossX: Bool = false) {
        let corners =
            acrossX
            ? "from \(low), graph 0 to \(high), graph 1"
            : "from graph 0, first \(low) to graph 1, first \(high)"
        add("set object rectangle \(corners) \(Ink.margin.fill) behind")
    }

    /// Adds a line where each boot begins; of very many none.
    ///
    /// - Returns: whether there are lines.
    mutating func addBoots(_ times: [Double]) -> Bool {
        guard times.count <= Self.mostBoots else { return false }
        for time in times {
            add("set arrow from \(time), graph 0 to \(time), graph 1 nohead \(Ink.boot.line) back")
        }
        return !times.isEmpty
    }

    /// Draws.
    ///
    /// - Parameters:
    ///   - x: the ends of the x axis.
    ///   - y: the ends of the y axis.
    ///   - items: what is drawn, in gnuplot's words.
    mutating func draw(
        x: ClosedRange<Double>, y: ClosedRange<Double>, _ items: [String]
    ) {
        let ends = [x, y].map { "[\($0.lowerBound):\($0.upperBound)]" }
        add("plot \(ends.joined(separator: " ")) \(items.joined(separator: ", "))")
    }
}

extension Plot {
    /// The plot, or why there is none.
    func html(_ drawing: Gnuplot.Drawing?, id: String) -> PageContext {
        var context: PageContext = [
            "id": id, "title": title, "words": words, "width": width, "height": height,
        ]
        switch drawing {
        case .drawn(let elements): context["drawing"] = elements
        case .missing(let why): context["missing"] = why
        case nil: break
        }
        return context
    }
}

extension ClosedRange<Double> {
    /// The range of these values, some more at each end; nil without a value.
    init?(around values: [Double]) {
        let finite = values.filter(\.isFinite)
        guard let least = finite.min(), let most = finite.max() else { return nil }
        let room = Swift.max((most - least) * 0.06, abs(most) * 1e-6, 1e-9)
        self = least - room...most + room
    }
}
