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
        .ofList(memories) { page in
            for (machine, memories) in grouped {
                page.add(TextParagraph(lead: machine))
                page.add(Self.table(memories))
                page.add()
            }
            page.add(
                TextParagraph(
                    "MDE80 is the smallest change that an experiment finds with a power of 0.8; n "
                        + "is the number of experiments.", role: .faint))
        }
    }

    private static func table(_ memories: [NoiseMemory]) -> TextTable {
        var table = TextTable(indent: 2)
        table.addTitles(
            "cell", "metric", .right("n"), .right("best MDE80"), .right("median"),
            .right("worst"), .right("last"))
        for memory in memories {
            let figures = [memory.best, memory.median, memory.worst, memory.last]
            table.add(
                [.left(memory.label), .left(memory.metric), .right("\(memory.count)")]
                    + figures.map { .right(Change.size($0)) })
        }
        return table
    }

    /// By machine, in the order of their names.
    private var grouped: [(String, [NoiseMemory])] {
        Dictionary(grouping: memories, by: \.machine).sorted { $0.key < $1.key }
            .map { ($0.key, $0.value) }
    }
}
