// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Experiment
import Journal
import Protocol
import Reports
import Suites

/// `plumbline suite list`: the built-in suites.
struct SuiteListCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the built-in suites.",
        discussion: """
            A line for each suite: its name, its number of cells, and what it is for.

            Exit codes: 0 success, 64 usage error.

            EXAMPLES
              plumbline suite list
              plumbline suite list --format json
              plumbline suite list --schema
            """)

    @Option(help: ReportFormat.help) var format = ReportFormat.text
    @Flag(help: "Print the JSON Schema of the output of --format json, and exit.")
    var schema = false

    func run(on console: Console) throws -> Int32 {
        if schema {
            console.document(ReportFormat.suitesSchemaText)
            return 0
        }
        let suites = try SuiteSource.builtInNames.map { (name) throws(PlumblineError) in
            try SuiteParser.parse(SuiteSource.find(name))
        }
        try console.show(SuiteList(suites: suites), as: format)
        return 0
    }
}

/// What `plumbline suite list` prints.
struct SuiteList: Report {
    let suites: [SuiteRecord]

    var document: JSONObject {
        JSONObject([
            "schema": "plumbline.suites/1",
            "suites": suites.map { suite in
                JSONObject([
                    "name": suite.name, "summary": suite.summary, "cells": suite.cells.count,
                ])
            },
        ])
    }

    var page: TextPage {
        var page = TextPage()
        var table = TextTable()
        table.addTitles("suite", "cells", "")
        for suite in suites {
            table.add(.left(suite.name), .right("\(suite.cells.count)"), .left(suite.summary))
        }
        page.add(table)
        return page
    }
}

/// A suite with its cells, for `plumbline suite show`.
struct SuiteReport: Report {
    let suite: SuiteRecord

    var document: JSONObject { JSONObject(["schema": "plumbline.suite/1", "suite": suite]) }

    var page: TextPage {
        var page = TextPage()
        var table = TextTable()
        for cell in suite.cells { table.add(cell.label, cell.name) }
        page.add(table)
        return page
    }
}
