// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Kernels
import Suites

extension FuzzTarget {
    private static let yamlWords = [
        "suite: ", "cells:\n", "- workload: ", "pressure: ", "kind: ", "controls: 1\n", "[1, 2]",
        "{kind: x}", "&a ", "*a", "storage: device:/{storage}\n", "}{", "set_ups:\n", "figures:\n",
    ]

    /// Cells of a suite that is changed: one is read often.
    private static let mostCells = 6

    /// Suites, as `plumbline run FILE` reads them, to the names of their cells.
    static func suite() throws(PlumblineError) -> FuzzTarget {
        FuzzTarget(name: "suite", seeds: try suites(), words: yamlWords) {
            (input) throws(PlumblineError) in
            let source = SuiteSource(place: "x", text: String(decoding: input, as: UTF8.self))
            let suite = try SuiteParser.parse(source)
            _ = try? suite.selecting(["*/none"])
            _ = try? suite.withControls(selecting: [])
            return true
        }
    }

    /// The built-in suites, cut into suites of one item each, and those that are short as a whole.
    private static func suites() throws(PlumblineError) -> [[UInt8]] {
        var suites: [[UInt8]] = []
        for name in SuiteSource.builtInNames {
            let text = try SuiteSource.find(name).text
            var items = text.split(separator: "\n  - ").map { String($0) }
            let head = items.removeFirst()
            for text in [text] + items.map({ "\(head)\n  - \($0)\n" }) {
                let suite = try? SuiteParser.parse(SuiteSource(place: name, text: text))
                guard let suite, suite.cells.count <= mostCells else { continue }
                suites.append(text.bytes)
            }
        }
        return suites
    }

    /// Files of published claims.
    static func claims() -> FuzzTarget {
        let seeds = KernelChange.all.compactMap { $0.claims?.bytes }
        return FuzzTarget(name: "claims", seeds: seeds, words: yamlWords) {
            (input) throws(PlumblineError) in
            let source = SuiteSource(place: "x", text: String(decoding: input, as: UTF8.self))
            _ = try ClaimsFile(source)
            return true
        }
    }

    /// What `--set` takes.
    static func assignment() -> FuzzTarget {
        let seeds = [
            "pipe.msgsize=4k", "memcg.limit=128m", "pressure.anon.vm_bytes=110", "a.b=c=d",
        ]
        return FuzzTarget(name: "assignment", seeds: seeds.map(\.bytes), words: ["=", "."]) {
            (input) throws(PlumblineError) in
            _ = try Overrides(assignments: [String(decoding: input, as: UTF8.self)])
            return true
        }
    }

    /// A workload's or pressure's settings, one `key=value` a line behind its name, to what an agent
    /// asks of the cell.
    static func settings() -> FuzzTarget {
        var seeds: [[UInt8]] = []
        var words: [String] = []
        let owners =
            WorkloadCatalogue.all.map { ($0.name, $0.settings) }
            + PressureCatalogue.all.map { ($0.name, $0.settings) }
        for (name, settings) in owners {
            let lines = settings.map { "\($0.name)=\($0.fallback?.text ?? "1")\n" }
            seeds.append("\(name)\n\(lines.joined())".bytes)
            seeds.append("\(name)\n".bytes)
            words += settings.map { "\n\($0.name)=" }
        }
        return FuzzTarget(name: "settings", seeds: seeds, words: words) {
            (input) throws(PlumblineError) in
            let lines = String(decoding: input, as: UTF8.self).split(separator: "\n")
            guard let owner = lines.first.map({ String($0) }) else { return false }
            var values: [String: SettingValue] = [:]
            for line in lines.dropFirst() {
                let parts = line.split(separator: "=", maxSplits: 1).map { String($0) }
                if parts.count == 2 { values[parts[0]] = .text(parts[1]) }
            }
            return try describe(owner, values)
        }
    }

    private static func describe(
        _ owner: String, _ values: [String: SettingValue]
    ) throws(PlumblineError) -> Bool {
        if let pressure = try? PressureCatalogue.make(owner, values) {
            _ = (
                pressure.cellName, pressure.hogs(onCPUs: 2), pressure.controls, pressure.guestMemory
            )
            return true
        }
        let load = try WorkloadCatalogue.make(owner, values)
        _ = (load.cellName, load.layout, load.bufferBytes, load.queueDepth, load.placements)
        _ = (load.guestMemory, load.storage?.deviceSize, load.completion)
        return true
    }
}
