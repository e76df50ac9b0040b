// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Statistics
import Synchronization
import Testing

@testable import Commands
@testable import Experiment

@Suite struct ProgressReporterTests {
    private static let name = "dio randread 4k qd128 io_uring zram:ext4 batch32 memcg"
    private let printed = Printed()

    private func reporter(columns: Int? = nil) -> ProgressReporter {
        var console = Console(document: { _ in }, diagnostics: { [printed] in printed.add($0) })
        if let columns {
            console.diagnosticsAreTerminal = true
            console.columns = { columns }
        }
        return ProgressReporter(console, quiet: false)
    }

    private func slice(_ cell: String, _ done: Int = 0) -> ProgressEvent {
        .slice(cell: cell, done: done, total: 100, remaining: .seconds(70))
    }

    private func estimate(rounds: Int? = nil) throws -> ProgressEvent {
        let observations = Observations(
            effects: [0.1, 0.2, 0.3], rounds: rounds == nil ? [] : [0, 1, 2])
        let estimate = CellEstimate(
            observations, countsRounds: rounds != nil, planned: rounds ?? 96)
        return .estimate(cell: Self.name, try #require(estimate))
    }

    @Test("there are a few plain lines where there is no terminal")
    func plain() {
        let reporter = reporter()
        for done in 0..<100 { reporter.show(slice(Self.name, done)) }
        #expect(printed.text == "plumbline: [1/100] 1 min 10 s left  \(Self.name)\n")
    }

    @Test("a terminal has one line that is redrawn, and clear before a line that stays")
    func redrawn() {
        let reporter = reporter(columns: 80)
        reporter.show(slice("c"))
        reporter.show(.note("hint"))
        #expect(
            printed.text
                == "\r\u{1b}[J[1/100] 1 min 10 s left  c\r\u{1b}[Jplumbline: agent: hint\n")
    }

    @Test("a terminal is not redrawn for each of many short slices, and always for a boot")
    func seldom() {
        let reporter = reporter(columns: 80)
        reporter.show(slice("c"))
        for done in 1..<5 { reporter.show(slice("c", done)) }
        reporter.show(.booting(arm: .a, label: "6.12"))
        #expect(printed.text.hasSuffix("\r\u{1b}[Jbooting A: 6.12"))
    }

    @Test(
        "the cell's name is cut in the middle to the terminal's width", arguments: [80, 100, 132])
    func width(columns: Int) throws {
        let reporter = reporter(columns: columns)
        reporter.show(try estimate())
        reporter.show(slice(Self.name))
        let text = printed.text
        let lines = text.dropFirst("\r\u{1b}[J".count).split(separator: "\r\n")
        #expect(lines.count == 2)
        #expect(text.hasSuffix("\u{1b}[1A"))
        for line in lines {
            let line = line.hasSuffix("\u{1b}[1A") ? line.dropLast(4) : line
            #expect(line.count < columns, "\(line)")
            #expect(line.contains("dio ra"))
            #expect(line.contains("memcg"))
        }
        #expect(lines[0].hasPrefix("[1/100] 1 min 10 s left  "))
        #expect(lines[1].contains(": +22.1% [-4.73, +56.6] so far, after 3 of 96 blocks"))
    }

    @Test("the estimate after a round stays on the screen")
    func rounds() throws {
        let reporter = reporter(columns: 80)
        reporter.show(try estimate(rounds: 8))
        #expect(
            printed.text
                == "plumbline: \(Self.name): +22.1% [-4.73, +56.6] so far, after 3 of 8 rounds\n")
    }

    @Test("a name in a terminal that is far too narrow keeps both of its ends")
    func narrow() {
        let row = StatusLine.Row(lead: "[1/100] 1 min left  ", name: Self.name, tail: "")
        #expect(row.text(columns: 36) == "[1/100] 1 min left  dio rand…2 memcg")
    }
}
