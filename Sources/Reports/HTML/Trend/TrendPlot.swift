// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Linux
import SystemPackage
import Verdicts

/// The plot of a series: its experiments with their intervals, its levels, and where it changed.
///
/// gnuplot is told numbers and this program's own words: nothing that a journal calls something.
struct TrendPlot {
    /// More points than this have no intervals: they would be a wall.
    private static let mostIntervals = 400

    /// What gnuplot is told.
    let script: String

    init(_ trend: Trend) {
        let isRate = trend.measure == .rate
        func rows(_ range: Range<Int>, _ row: (HistorySeries.Point) -> [Double?]) -> String {
            trend.points[range].map { point in
                let values = row(point).map { $0.map { "\($0)" } ?? "NaN" }
                return "\(Double(point.startedAt) / 1e9) \(values.joined(separator: " "))\n"
            }.joined()
        }
        let hasIntervals = !isRate && trend.points.count <= Self.mostIntervals
        let points = rows(trend.points.indices) { point in
            isRate ? [point.rateB] : [point.effect, point.low, point.high]
        }
        let levels = trend.levels.map { level in rows(level.range) { _ in [level.mean] } }
        let arrows = trend.levels.dropFirst().map { level in
            let time = Double(trend.points[level.range.lowerBound].startedAt) / 1e9
            return "set arrow from \(time), graph 0 to \(time), graph 1 nohead dt 2 lc rgb 'red'\n"
        }
        let experiments =
            hasIntervals
            ? "$points using 1:2:3:4 with yerrorbars pt 7 ps 0.4 lc rgb 'gray50' title 'experiment'"
            : "$points using 1:2 with points pt 7 ps 0.3 lc rgb 'gray50' title 'experiment'"
        script = """
            set terminal svg size 860,280 dynamic noenhanced font 'sans-serif,12'
            set xdata time
            set timefmt '%s'
            set format x "%Y\\n%m-%d"
            set xtics nomirror
            set ytics nomirror
            set border 3
            set xlabel 'begin of the experiment'
            set ylabel '\(isRate ? "rate of B" : "change from A to B, %")'
            set key outside top right horizontal
            $points << EOD
            \(points)EOD
            $levels << EOD
            \(levels.joined(separator: "\n"))EOD
            \(arrows.joined())plot \(experiments), \
            $levels using 1:2 with lines lw 3 lc rgb 'blue' title 'level', \
            keyentry with lines dt 2 lc rgb 'red' title 'change'

            """
    }

    /// Runs gnuplot.
    ///
    /// - Returns: an SVG element without a title, or why there is none.
    static func draw(_ script: String) -> Result<String, MissingPlot> {
        let program = "gnuplot"
        do throws(Errno) {
            let name = "/tmp/plumbline-\(UInt64.random(in: 0 ... .max))"
            let file = try Descriptor.open(name, [.readWrite, .create, .exclusive], mode: 0o600)
            try SystemFile.unlink(name)
            try file.writeAll(script)
            let path = "/proc/\(ChildProcess.currentID)/fd/\(file.rawValue)"
            let result = try Command.run([program, "-d", path], outputLimit: 16 << 20)
            guard result.succeeded, let start = result.output.firstRange(of: "<g id="),
                let end = result.output.firstRange(of: "</svg>")
            else { return .failure(MissingPlot(why: "\(program) failed (\(result.exit))")) }
            // The page's colour in the place of black, so that both colour schemes show it.
            let body = String(result.output[start.lowerBound..<end.lowerBound])
                .replacing(" color=\"black\"", with: "")
                .replacing("fill=\"black\"", with: "fill=\"currentColor\"")
            return .success(body.replacing("'black'", with: "'currentColor'"))
        } catch .noSuchFileOrDirectory {
            return .failure(
                MissingPlot(
                    why: "\(program) is not installed: install the Debian package gnuplot-nox and "
                        + "make the page again"))
        } catch {
            return .failure(MissingPlot(why: "\(program) cannot be run: \(error)"))
        }
    }

    /// A plot that could not be drawn.
    struct MissingPlot: Error {
        /// In words.
        var why: String
    }
}
