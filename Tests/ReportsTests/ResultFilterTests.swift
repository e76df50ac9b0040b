// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import SchemaSupport
import Testing

@testable import Reports
@testable import Verdicts

struct ResultFilterTests {
    private static let cells = ["pipe/a/none", "pipe/b/memcg", "dio/c/none"]

    private static func result() throws -> JournalResult {
        var builder = JournalBuilder(cells: cells, rule: .fixed)
        builder.journal.header.plan.suite.cells[1].shortName = "pipe b memcg"
        builder.add(24, of: cells[0], effect: 1.1)
        builder.add(24, of: cells[1], effect: 0.9)
        builder.add(24, of: cells[2])
        return try JournalResult(builder.ended())
    }

    private static func shown(_ options: String...) throws -> [String] {
        let filter = try ResultFilter(options)
        return try result().keeping(filter, journal: "monday")?.plans.map(\.name) ?? []
    }

    @Test(arguments: [
        ("", [0, 1, 2]), ("cell:pipe/*", [0, 1]), ("-cell:pipe/*", [2]),
        ("workload:dio", [2]), ("pressure:none", [0, 2]), ("verdict:regressed", [1]),
        ("verdict:improved,regressed", [0, 1]), ("-verdict:equivalent cell:*a*", [0]),
        (#"cell:"pipe b memcg""#, [1]), ("journal:monday", [0, 1, 2]), ("journal:tuesday", []),
        ("suite:ex* metric:time kernel:6.1*", [0, 1, 2]), ("kernel:7*", []),
        (#"cell:"a,b",dio*"#, [2]),
    ])
    func termsChooseCells(_ options: String, _ places: [Int]) throws {
        #expect(try Self.shown(options) == places.map { Self.cells[$0] })
    }

    @Test func severalOptionsHoldTogether() throws {
        #expect(try Self.shown("cell:pipe/*", "pressure:memcg") == [Self.cells[1]])
    }

    @Test(arguments: [
        ("pipe", "is not KEY:VALUE"), ("cell:", "is not KEY:VALUE"),
        ("sell:x", "did you mean cell?"), ("verdict:regresed", "did you mean regressed?"),
        ("cell:,", "value 1 of 'cell:,' is empty"), ("cell:a,,b", "value 2 of 'cell:a,,b' is"),
        (#"cell:"""#, "is not KEY:VALUE"), (#"cell:a,"""#, "value 2 of 'cell:a,\"\"' is"),
        ("cell:a,", "value 2 of 'cell:a,'"),
        (#"metric:time cell:"a b"#, "a double quote in 'cell:\"a b' is not closed"),
    ])
    func whatCannotBeReadIsRefused(_ options: String, _ words: String) {
        let error = #expect(throws: PlumblineError.self) { try ResultFilter([options]) }
        #expect(error?.kind == .usage && error?.message.contains(words) == true, "\(error as Any)")
    }

    @Test(arguments: [
        ("cell:pip/*", "no cell 'pip/*' (did you mean cell:pipe/*?)", "cell that there is: pipe/a"),
        ("workload:dyo", "no workload 'dyo' (did you mean workload:dio?)", "there is: pipe, dio;"),
        ("verdict:invalid", "there is no verdict 'invalid'", "improved, regressed, equivalent;"),
        (
            "workload:dio -cell:dio*", "fits no cell: none fits all of its terms",
            "keys: cell, journ"
        ),
    ])
    func aFilterThatFitsNothingSaysWhatThereIs(
        _ options: String, _ words: String, _ remedy: String
    ) throws {
        let result = try Self.result()
        let error = #expect(throws: PlumblineError.self) {
            try JournalResult.keeping(ResultFilter([options]), of: [("monday", result)])
        }
        #expect(error?.message.contains(words) == true, "\(error as Any)")
        #expect(error?.remedy.contains(remedy) == true, "\(error as Any)")
    }

    @Test func verdictsStayThoseAmongAllCells() throws {
        let filter = try ResultFilter(["verdict:regressed"])
        guard case .verdicts(let whole) = try Self.result(),
            case .verdicts(let part)? = try Self.result().keeping(filter, journal: "")
        else {
            Issue.record("no verdicts")
            return
        }
        #expect(part.cells.count == 1 && part.leftOut.count == 2)
        #expect(part.cells[0].adjustedP == whole.cells[1].adjustedP)
        let words = part.text().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("1 of 3 cells (--filter): 1 regressed."))
        #expect(words.contains("Verdicts hold over all 3 cells") && words.contains("adjusted p"))
        #expect(part.exitCode == 3)
        let document = try part.json()
        #expect(document.at("cells_not_shown") == .integer(2))
        let validator = SchemaValidator(
            root: try LineCodec.decode(JSONValue.self, from: ReportFormat.schemaText.utf8))
        #expect(validator.problems(document) == [])
    }

    @Test func everyFormatShowsTheChosenCellsOnly() throws {
        let filter = try ResultFilter(["cell:pipe/a/*"])
        guard case .verdicts(let part)? = try Self.result().keeping(filter, journal: "") else {
            Issue.record("no verdicts")
            return
        }
        for format in ReportFormat.all {
            let text = try format.renderer.render(part, style: .plain)
            #expect(!text.isEmpty && !text.contains("dio"), "\(format.name)")
        }
    }

    @Test func runsAreChosenFromToo() throws {
        let run = try JournalResult(JournalBuilder.run(operations: 5, cells: Self.cells))
        let kept = run.keeping(try ResultFilter(["workload:dio"]), journal: "a")
        #expect(kept?.plans.map(\.name) == [Self.cells[2]])
        #expect(
            run.keeping(try ResultFilter(["verdict:improved"]), journal: "a")?.plans == nil)
    }

    @Test func listsOfKeysAreRead() throws {
        #expect(
            try ResultKey.list("workload, pressure", option: "--row") == [.workload, .pressure])
        #expect(try ResultKey.list("none", option: "--col") == [])
        for wrong in ["", "cell,", "cell,cell", "sell"] {
            #expect(throws: PlumblineError.self) { try ResultKey.list(wrong, option: "--row") }
        }
    }
}
