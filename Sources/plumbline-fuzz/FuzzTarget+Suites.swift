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

    /// Bytes of the built-in suites that are changed: the longer ones have hundreds of cells.
    private static let shortSuite = 1_000

    /// Suites, as `plumbline run FILE` reads them, to the names of their cells.
    static func suite() throws(PlumblineError) -> FuzzTarget {
        let seeds = try SuiteSource.builtInNames.map { (name) throws(PlumblineError) in
            try SuiteSource.find(name).text.bytes
        }.filter { $0.count < shortSuite }
        return FuzzTarget(name: "suite", seeds: seeds, words: yamlWords) { input in
            let source = SuiteSource(place: "x", text: String(decoding: input, as: UTF8.self))
            guard let suite = try? SuiteParser.parse(source) else { return false }
            _ = try? suite.selecting(["*/none"])
            _ = try? suite.withControls(selecting: [])
            return true
        }
    }

    /// Files of published claims.
    static func claims() -> FuzzTarget {
        let seeds = KernelChange.all.compactMap { $0.claims?.bytes }
        return FuzzTarget(name: "claims", seeds: seeds, words: yamlWords) { input in
            let source = SuiteSource(place: "x", text: String(decoding: input, as: UTF8.self))
            return (try? ClaimsFile(source)) != nil
        }
    }

    /// What `--set` takes.
    static func assignment() -> FuzzTarget {
        let seeds = [
            "pipe.msgsize=4k", "memcg.limit=128m", "pressure.anon.vm_bytes=110", "a.b=c=d",
        ]
        return FuzzTarget(name: "assignment", seeds: seeds.map(\.bytes), words: ["=", "."]) {
            (try? Overrides(assignments: [String(decoding: $0, as: UTF8.self)])) != nil
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
        return FuzzTarget(name: "settings", seeds: seeds, words: words) { input in
            let lines = String(decoding: input, as: UTF8.self).split(separator: "\n")
            guard let owner = lines.first.map({ String($0) }) else { return false }
            var values: [String: SettingValue] = [:]
            for line in lines.dropFirst() {
                let parts = line.split(separator: "=", maxSplits: 1).map { String($0) }
                if parts.count == 2 { values[parts[0]] = .text(parts[1]) }
            }
            return describe(owner, values)
        }
    }

    private static func describe(_ owner: String, _ values: [String: SettingValue]) -> Bool {
        if let pressure = try? PressureCatalogue.make(owner, values) {
            _ = (
                pressure.cellName, pressure.hogs(onCPUs: 2), pressure.controls, pressure.guestMemory
            )
            return true
        }
        guard let load = try? WorkloadCatalogue.make(owner, values) else { return false }
        _ = (load.cellName, load.layout, load.bufferBytes, load.queueDepth, load.placements)
        _ = (load.guestMemory, load.storage?.deviceSize, load.completion)
        return true
    }
}
