// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Verdicts

/// What `plumbline history noise` prints: how small a change each machine was able to see.
package struct NoiseReport: Report {
    private let memories: [NoiseMemory]

    /// A report of these cells.
    package init(_ memories: [NoiseMemory]) { self.memories = memories }

    package var document: JSONObject {
        JSONObject([
            "schema": "plumbline.noise/1",
            "cells": memories.map { memory in
                JSONObject([
                    "cell": memory.cell, "label": memory.label, "metric": memory.metric,
                    "machine": memory.machine, "experiments": memory.count,
                    "mde80_percent": [
                        "best": memory.best, "median": memory.median, "worst": memory.worst,
                        "last": memory.last,
                    ], "last_started_at_ns": memory.lastStartedAt,
                ])
            },
        ])
    }

    package var page: TextPage {
        var page = TextPage()
        guard !memories.isEmpty else {
            page.add(TextParagraph("No experiment fits."))
            return page
        }
        for (place, (machine, memories)) in grouped.enumerated() {
            if place > 0 { page.add() }
            page.add(TextParagraph(lead: machine))
            var table = TextTable(indent: 2)
            table.addTitles(
                "cell", "metric", .right("n"), .right("best"), .right("median"), .right("worst"),
                .right("last"))
            for memory in memories {
                var row: [TextTable.Cell] = [
                    .left(memory.label), .left(memory.metric), .right("\(memory.count)"),
                ]
                for figure in [memory.best, memory.median, memory.worst, memory.last] {
                    row.append(.right(Change.size(figure)))
                }
                table.add(row)
            }
            page.add(table)
        }
        page.add()
        page.add(
            TextParagraph(
                "MDE80 of n experiments: the change that each of them found with a power of 0.8.",
                role: .faint))
        return page
    }

    /// By machine, in the order of their names.
    private var grouped: [(String, [NoiseMemory])] {
        Dictionary(grouping: memories, by: \.machine).sorted { $0.key < $1.key }
            .map { ($0.key, $0.value) }
    }
}
