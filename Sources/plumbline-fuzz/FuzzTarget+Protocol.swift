// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Protocol

extension FuzzTarget {
    private static let jsonWords = [
        "\"kind\":", "\"order\":0", ",", ":", "{", "}", "[", "]", "\"", "\\u001b", "\\\"", "1e400",
    ]

    /// An agent's lines, as a controller reads them.
    static func agentMessage() throws(PlumblineError) -> FuzzTarget {
        let error = PlumblineError.failure("no", remedy: "yes")
        let messages: [AgentMessage] = [
            .hello(FuzzSamples.hello), .prepared(order: 1), .turned(order: 2),
            .result(order: 3, slice: FuzzSamples.slice()),
            .released(order: 4, visit: FuzzSamples.visit), .failed(order: nil, error: error),
            .unfit(order: 5, error: error), .log("a \"text\"\u{7}"), .heartbeat(order: 6), .bye,
        ]
        let seeds = try messages.map { (message) throws(PlumblineError) in
            Array(try LineCodec.encode(message).dropLast())
        }
        return FuzzTarget(name: "agent-message", seeds: seeds, words: jsonWords) {
            (input) throws(PlumblineError) in
            let message = try LineCodec.decode(AgentMessage.self, from: input)
            if case .result(_, let slice) = message {
                for track in slice.tracks.values { _ = track.latency?.distribution }
            }
            // What was read can be written, or is refused with words.
            _ = try? LineCodec.encode(message)
            return true
        }
    }

    /// A controller's lines, as an agent reads them, to the cell that it would prepare.
    static func controllerMessage() throws(PlumblineError) -> FuzzTarget {
        var messages: [ControllerMessage] = [
            .run(
                SliceOrder(
                    order: 1, visit: 1, cell: "x", number: 0, duration: 1, guardTime: 0, seed: 1)),
            .turn(TurnOrder(order: 2, knobs: [.init(kind: .file, target: "/x", value: "1")])),
            .release(ReleaseOrder(order: 3, visit: 1)), .verbose, .bye,
        ]
        for type in WorkloadCatalogue.all {
            let cell = CellPlan(
                name: "x", workload: type.name,
                settings: Dictionary(
                    uniqueKeysWithValues: type.settings.compactMap { setting in
                        setting.fallback.map { (setting.name, $0) }
                    }), pressure: NoPressure.name, pressureSettings: [:])
            messages.append(.prepare(PrepareOrder(order: 1, visit: 1, cell: cell, seed: 1)))
        }
        let seeds = try messages.map { (message) throws(PlumblineError) in
            Array(try LineCodec.encode(message).dropLast())
        }
        return FuzzTarget(name: "controller-message", seeds: seeds, words: jsonWords) {
            (input) throws(PlumblineError) in
            let message = try LineCodec.decode(ControllerMessage.self, from: input)
            if case .prepare(let order) = message {
                let cell = try CellDescription(order.cell)
                let load = cell.workload
                _ = (cell.name, load.layout, load.bufferBytes, load.storage?.deviceSize)
            }
            return true
        }
    }

    /// A stream that is cut anywhere: the splitter gives the same lines as for the whole of it, and
    /// never holds more than its limit.
    static func lines() -> FuzzTarget {
        let seeds = ["one\n\ntwo and more\nthr", "\n\n\n", "0123456789abcdef0123456789\nx\n"]
        return FuzzTarget(name: "lines", seeds: seeds.map(\.bytes), words: ["\n", "\r\n"]) {
            input in
            let limit = 16
            var whole = LineSplitter(limit: limit)
            let lines = whole.feed(input)
            var cut = LineSplitter(limit: limit)
            var pieces: [LineSplitter.Line] = []
            let size = 1 + Int(input.first ?? 0) % 31
            for start in stride(from: 0, to: input.count, by: size) {
                pieces += cut.feed(input[start..<min(start + size, input.count)])
            }
            precondition(lines == pieces && whole.unfinished == cut.unfinished)
            precondition(lines.allSatisfy { $0.length <= limit })
            return !lines.isEmpty
        }
    }

    /// The text of a histogram.
    static func histogram() -> FuzzTarget {
        let seeds = ["", "/iCU", FuzzSamples.latency.histogram, "CCCCCCCC", "5///9D"]
        return FuzzTarget(name: "histogram", seeds: seeds.map(\.bytes), words: ["g", "/", "AAAA"]) {
            HistogramCoding.decode(String(decoding: $0, as: UTF8.self)) != nil
        }
    }
}
