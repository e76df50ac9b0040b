// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import LabSupport
import Linux
import Reports
import SchemaSupport
import Suites
import Testing

@testable import Commands

@Suite("plumbline suite") struct SuiteCommandTests {
    private func check(_ yaml: String) async throws -> (outcome: Invocation, path: String) {
        let scratch = try ScratchDirectory()
        let path = "\(scratch.path)/mine.yaml"
        try Descriptor.open(path, [.write, .create]).writeAll(yaml)
        return (await Invocation(["suite", "check", path]), path)
    }

    @Test("the list has a line for each built-in suite, with its number of cells and its summary")
    func list() async throws {
        let outcome = await Invocation(["suite", "list"])
        #expect(outcome.code == 0)
        for name in SuiteSource.builtInNames {
            let suite = try SuiteParser.parse(SuiteSource.find(name))
            #expect(!suite.summary.isEmpty)
            let line = try #require(
                outcome.document.split(separator: "\n").first { $0.hasPrefix(name + " ") })
            #expect(line.contains(" \(suite.cells.count)  "), "\(line)")
        }
        let json = await Invocation(["suite", "list", "--format", "json"])
        struct List: Decodable {
            struct Suite: Decodable { var name: String, summary: String, cells: Int }
            var schema: String, suites: [Suite]
        }
        let list = try JSONDecoder().decode(List.self, from: Data(json.document.utf8))
        #expect(list.schema == "plumbline.suites/1")
        #expect(list.suites.map(\.name) == SuiteSource.builtInNames)
        let schema = try SchemaValidator(ReportFormat.suitesSchemaText)
        let document = try JSONDecoder().decode(JSONValue.self, from: Data(json.document.utf8))
        #expect(schema.problems(document) == [])
        #expect(!schema.problems(.object(["schema": .text("plumbline.suites/1")])).isEmpty)
    }

    @Test("show prints the file, which is a suite again, and with --cells the names")
    func show() async throws {
        let shown = await Invocation(["suite", "show", "demo"])
        let source = try SuiteSource.find("demo")
        #expect(shown.document == source.text)
        let again = try await check(shown.document)
        #expect(again.outcome.code == 0, "\(again.outcome.diagnostics)")
        let names = await Invocation(["suite", "show", "demo", "--cells"]).document
        let suite = try SuiteParser.parse(source)
        #expect(names.split(separator: "\n").count == suite.cells.count)
        for cell in suite.cells { #expect(names.contains("  \(cell.name)\n")) }
        let json = await Invocation(["suite", "show", "demo", "--format", "json"]).document
        #expect(json.hasPrefix(#"{"schema":"plumbline.suite/1","suite":{"#))
        #expect(await Invocation(["suite", "show", "demo", "--format", "ktap"]).code == 64)
        #expect(await Invocation(["suite", "show", "demmo"]).diagnostics.contains("mean demo?"))
    }

    @Test("check tells the cells and the time that run --list tells")
    func good() async throws {
        let (outcome, path) = try await check(
            "suite: mine\ncells:\n  - {workload: pipe, msgsize: [4k, 8k]}\n")
        #expect(outcome.code == 0)
        #expect(outcome.document.hasPrefix("\(path): 2 cells x 5 slices of "))
        let list = await Invocation(["run", "smoke", "--list"]).document
        let time = try #require(list.split(separator: "\n").last)
        #expect(await Invocation(["suite", "check", "smoke"]).document == "smoke: \(time)\n")
    }

    @Test("check prints each error with its line and column, and exits with 64")
    func errors() async throws {
        let (outcome, path) = try await check(
            """
            suite: a/b
            slicse: 3
            slice: 5
            cells:
              - workload: pipe
                msgsize: [4k, 4q]
                writerz: 2
                pressure: [none, memcgs, {limit: 3}]
              - {workload: dio}
              - {workload: dio}
              - {workload: pope}

            """)
        #expect(outcome.code == 64)
        #expect(outcome.document.isEmpty)
        for place in [
            "1:8: the name", "2:1: unknown key 'slicse' (did you mean slice?", "3:1: ",
            "6:19: invalid value '4q'", "7:5: unknown setting 'writerz'", "8:22: unknown pressure",
            "8:30: a pressure without kind", "10:5: cell 'dio", "11:16: unknown workload 'pope'",
        ] {
            #expect(outcome.diagnostics.contains("plumbline: \(path):\(place)"), "\(place)")
        }
        #expect(
            outcome.diagnostics.split(separator: "\n").count { $0.hasPrefix("plumbline:") } == 9)
    }

    @Test(
        "what check refuses, parse refuses with the first error",
        arguments: [
            "", "suite: x\n", "cells: 3\n", "suite: x\ncells: []\n", "a: [\n",
            "suite: x\ncells:\n  - pipe\n",
            "suite: x\ncells:\n  - {workload: pipe, msgsize: []}\n",
            "suite: x\nguard: 3\ncells: x\n",
            "suite: x\ncells:\n  - {workload: pipe, controls: maybe}\n",
        ])
    func agrees(yaml: String) throws {
        let source = SuiteSource(place: "s.yaml", text: yaml)
        let error = #expect(throws: PlumblineError.self) { try SuiteParser.parse(source) }
        guard case .failure(let errors) = SuiteParser.check(source) else {
            Issue.record("it passed")
            return
        }
        #expect(errors.all.contains { $0 == error })
    }
}
