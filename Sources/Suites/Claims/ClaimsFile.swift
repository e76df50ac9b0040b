// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Yams

/// A file of published claims, checked: set-ups by name, and figures for cells, each with the
/// set-up that it was made on.
public struct ClaimsFile: Sendable {
    /// A figure, and the cells that it is about.
    private struct Entry {
        var cells: [Glob]
        var setUp: String
        var figure: ClaimRecord.Figure
    }

    /// The set-ups, in the file's order.
    public let setUps: [ClaimSetUp]
    private let entries: [Entry]

    /// Reads a file.
    ///
    /// - Parameter known: the cells of which a figure must name one at least; nil for any.
    /// - Throws: `usage` with the file, line and column of what is wrong.
    public init(_ source: SuiteSource, known: [CellPlan]? = nil) throws(PlumblineError) {
        let document = try SuiteDocument(
            source, shape: "a file of claims is a YAML mapping with the keys set_ups and figures",
            example: "the files NAME-claims.yaml of our patches")
        var parts: [String: Node] = [:]
        for (_, name, value) in try document.entries(
            of: document.root, known: ["set_ups", "figures"], what: "key")
        {
            parts[name] = value
        }
        guard let figures = parts["figures"]?.sequence else {
            throw .usage(
                "\(document.place): it has no figures",
                remedy: "add figures:, a list whose items begin with - cells: NAME")
        }
        var setUps: [ClaimSetUp] = []
        if let node = parts["set_ups"] {
            guard let mapping = node.mapping else {
                throw .usage(
                    "\(document.position(node)): set_ups must be a mapping",
                    remedy: "write each set-up as NAME: and its keys below it, indented")
            }
            for (key, value) in mapping {
                let name = try document.scalar(key, "the name of a set-up").text
                setUps.append(try ClaimSetUp(value, name: name, in: document))
            }
        }
        self.setUps = setUps
        entries = try figures.map { (node) throws(PlumblineError) in
            try Self.entry(node, in: document, setUps: setUps.map(\.name), known: known)
        }
    }

    /// The claims on a suite's cells by the cells' names: for each cell one claim a set-up, in the
    /// file's order.
    public func claims(on suite: SuiteRecord) -> [String: [ClaimRecord]] {
        var claims: [String: [ClaimRecord]] = [:]
        for cell in suite.cells {
            let entries = entries.filter { $0.cells.contains { $0.matches(cell.name) } }
            for setUp in setUps {
                var figures: [ClaimRecord.Figure] = []
                for entry in entries where entry.setUp == setUp.name {
                    guard !figures.contains(where: { $0.quantity == entry.figure.quantity }) else {
                        continue
                    }
                    figures.append(entry.figure)
                }
                guard !figures.isEmpty else { continue }
                claims[cell.name, default: []].append(ClaimRecord(figures, on: setUp))
            }
        }
        return claims
    }

    private static func entry(
        _ node: Node, in document: SuiteDocument, setUps: [String], known: [CellPlan]?
    ) throws(PlumblineError) -> Entry {
        guard let mapping = node.mapping else {
            throw .usage(
                "\(document.position(node)): a figure must be a mapping",
                remedy: "begin it with - cells: NAME")
        }
        let numbers = ["change", "low", "high", "tolerance"]
        var nodes: [String: Node] = [:]
        for (_, name, value) in try document.entries(
            of: mapping, known: ["cells", "set_up", "quantity"] + numbers, what: "key",
            owner: "a figure")
        {
            nodes[name] = value
        }
        guard let cells = nodes["cells"] else {
            throw .usage(
                "\(document.position(node)): a figure without cells",
                remedy: "add cells:, the name of a cell, or a pattern such as 'pipe/*/none'")
        }
        guard let setUp = nodes["set_up"] else {
            throw .usage(
                "\(document.position(node)): a figure without a set-up",
                remedy: "add set_up:, the name of an entry below set_ups")
        }
        let name = try document.scalar(setUp, "set_up").text
        guard setUps.contains(name) else {
            throw PlumblineError.unknown("set-up", name, among: setUps)
                .at(document.position(setUp))
        }
        return Entry(
            cells: try globs(cells, in: document, known: known), setUp: name,
            figure: try figure(nodes, at: document.position(node), in: document))
    }

    /// - Throws: `usage` for a pattern that no known cell matches.
    private static func globs(
        _ node: Node, in document: SuiteDocument, known: [CellPlan]?
    ) throws(PlumblineError) -> [Glob] {
        try document.alternatives(node, "cells").map { (node) throws(PlumblineError) in
            let text = try document.scalar(node, "cells").text
            let glob = Glob(text)
            guard known?.contains(where: { glob.matches($0.name) }) ?? true else {
                throw .usage(
                    "\(document.position(node)): unknown cell '\(text)': no cell of the suites "
                        + "matches it",
                    remedy: (known?.nearest(to: text).map { "did you mean '\($0)'? " } ?? "")
                        + "see the names of cells by `plumbline run SUITE --list`")
            }
            return glob
        }
    }

    private static func figure(
        _ nodes: [String: Node], at place: String, in document: SuiteDocument
    ) throws(PlumblineError) -> ClaimRecord.Figure {
        func number(
            _ name: String, _ range: ClosedRange<Double>
        ) throws(PlumblineError) -> Double? {
            guard let node = nodes[name] else { return nil }
            let setting = Setting(name, .number(range), default: nil, help: "")
            guard case .number(let value) = try document.value(node, setting) else { return nil }
            return value
        }
        let percent = -100.0...10_000
        let change = try number("change", percent)
        let ends = (try number("low", percent), try number("high", percent))
        let range: (low: Double, high: Double)
        switch (change, ends.0, ends.1) {
        case (let change?, nil, nil): range = (change, change)
        case (nil, let low?, let high?): range = (low, high)
        default:
            throw .usage(
                "\(place): a figure has either change, or low and high",
                remedy: "give change: PERCENT for one figure, low: and high: for a range")
        }
        guard range.low <= range.high else {
            let setting = Setting("low", .number(percent), default: nil, help: "")
            let ends = [range.low, range.high].map { setting.text(of: .number($0)) }
            throw .usage(
                "\(place): low \(ends[0]) is above high \(ends[1]) (allowed: low up to high)",
                remedy: "exchange them; -22 is below -5")
        }
        let words = ClaimRecord.Quantity.allCases.map(\.rawValue)
        let quantity = try nodes["quantity"].map { (node) throws(PlumblineError) in
            try document.value(node, Setting("quantity", .choice(words), default: nil, help: ""))
        }
        return ClaimRecord.Figure(
            quantity.flatMap { ClaimRecord.Quantity(rawValue: $0.text) } ?? .rate,
            low: range.low, high: range.high,
            tolerance: try number("tolerance", 0...100) ?? ClaimRecord.Figure.usualTolerance)
    }
}
