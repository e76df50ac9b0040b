// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Reports

/// What is in a plot's place when gnuplot fails in it, hangs in it, or does not run.
@Suite(.enabled(if: PagePrograms.hasGnuplot, "needs gnuplot"))
struct GnuplotTests {
    /// A plot of a line, or one with another command before it.
    private static func plot(_ command: String = "") -> Plot {
        var plot = Plot("line", words: "a line")
        plot.add(command)
        plot.add("line", [[0, 0], [1, 1]])
        plot.draw(x: 0...1, y: 0...1, ["$line using 1:2 with lines \(Ink.a.line) notitle"])
        return plot
    }

    /// Why a plot is missing; nil of one that is there.
    private static func reasons(_ drawings: [Gnuplot.Drawing]) -> [String?] {
        drawings.map { if case .missing(let why) = $0 { why } else { nil } }
    }

    @Test(arguments: [5, 40])
    func aFailureIsThatOfOnePlot(count: Int) {
        var plots = Array(repeating: Self.plot(), count: count)
        let bad = Set([1, 2, count - 1])
        for place in bad { plots[place] = Self.plot("no such command") }
        let reasons = Self.reasons(Gnuplot().draw(plots))
        #expect(reasons.count == count)
        for (place, why) in reasons.enumerated() {
            #expect(why?.hasPrefix("gnuplot failed (exit code ") ?? false == bad.contains(place))
            #expect(why?.hasSuffix(") in this plot") ?? !bad.contains(place), "\(place)")
        }
    }

    @Test func aPlotInWhichGnuplotHangsIsKilledAndTheOthersAreDrawn() {
        let endless = Self.plot("while (1) { x = 1 }")
        let gnuplot = Gnuplot(patience: 5_000_000_000)
        let reasons = Self.reasons(gnuplot.draw([Self.plot(), endless, Self.plot()]))
        #expect(reasons == [nil, "gnuplot was killed: it wrote nothing for 5.00s", nil])
    }

    @Test func twoHangsInARowEndIt() {
        let endless = Self.plot("while (1) { x = 1 }")
        let gnuplot = Gnuplot(patience: 1_000_000_000)
        let reasons = Self.reasons(gnuplot.draw([endless, endless, Self.plot(), Self.plot()]))
        #expect(reasons.allSatisfy { $0 == "gnuplot was killed: it wrote nothing for 1.00s" })
    }

    @Test func eachCauseIsToldAsItIs() {
        let causes = [
            ("plumbline-no-such-gnuplot", "is not installed, so there is no plot: install the"),
            ("/etc/passwd", "/etc/passwd cannot be run: Permission denied"),
            ("false", "false failed (exit code 1) in this plot"),
        ]
        for (program, words) in causes {
            let reasons = Self.reasons(Gnuplot(program: program).draw([Self.plot(), Self.plot()]))
            #expect(reasons.allSatisfy { $0?.contains(words) ?? false }, "\(reasons)")
        }
    }
}
