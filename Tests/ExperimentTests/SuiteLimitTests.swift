// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Testing

@testable import Experiment
@testable import Suites

/// Suites that would take a parser too deep, or too long, or that would drive a terminal.
struct SuiteLimitTests {
    private func refusal(_ text: String) -> PlumblineError? {
        #expect(throws: PlumblineError.self) {
            try SuiteParser.parse(SuiteSource(place: "s.yaml", text: text))
        }
    }

    private static let head = "suite: a\ncells:\n  - workload: pipe\n"

    @Test(arguments: ["[", "{a: ", "[ \"]\", ", "'[' [", "# [\n["])
    func bracketsInEachOtherAreRefusedBeforeTheyAreParsed(piece: String) {
        let error = refusal(Self.head + "x: " + String(repeating: piece, count: 200_000))
        #expect(error?.kind == .usage)
        #expect(error?.message.contains("brackets") == true)
    }

    @Test(arguments: [
        String(repeating: "- ", count: 400_000),
        (0..<1_200).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
    ])
    func itemsAndKeysInEachOtherAreRefusedBeforeTheyAreParsed(text: String) {
        #expect(refusal("x:\n" + text)?.message.contains("nested too deep") == true)
    }

    @Test func aLongLineOfStarsIsReadAtOnce() {
        let stars = String(repeating: "*", count: 1_000_000)
        #expect(refusal(Self.head + "x: \"\(stars)\"")?.message.contains("unknown key") == true)
        #expect(refusal(Self.head + "x: \(stars) :")?.message.contains("alias") == true)
    }

    @Test(arguments: ["\r", "\u{85}", "\u{2028}"])
    func lineEndsOfAnotherKindAreRefused(end: String) {
        #expect(refusal(Self.head + "#" + end + "x: 1")?.message.contains("line ends") == true)
    }

    @Test func lineEndsOfWindowsAreRead() throws {
        let text = Self.head.replacing("\n", with: "\r\n")
        #expect(try SuiteParser.parse(SuiteSource(place: "s", text: text)).cells.count == 1)
    }

    @Test(arguments: [#""a\nb""#, #""a\e[2Jb""#, #""a\u202eb""#, "a/b"])
    func aNameThatIsNoPlainWordIsRefused(name: String) {
        #expect(refusal("suite: \(name)\ncells:\n  - workload: pipe\n")?.kind == .usage)
    }

    @Test("braces in a setting's value are a part of the cell's name, and nothing is filled in")
    func braces() throws {
        for path in ["/{storage}", "/}{", "/{iodepth}{"] {
            let cell = try WorkloadCatalogue.make("dio", ["storage": .text("device:\(path)")])
            #expect(cell.cellName.contains("device:\(path)"))
        }
    }
}
