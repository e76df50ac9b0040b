// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Suites
import Yams

extension TargetFile {
    private static let keys = [
        "host", "boot", "timeout", "where", "select", "reboot", "wait", "kernels",
    ]
    private static let defaultTimeout = Duration.seconds(300)

    /// Reads a target file.
    ///
    /// - Throws: `usage` with the file, line and column of what is wrong.
    package init(_ source: SuiteSource) throws(PlumblineError) {
        let document = try SuiteDocument(
            source, shape: "a target file is a YAML mapping with the keys host, boot and kernels",
            example: "`plumbline target example`")
        var nodes: [String: Node] = [:]
        for (_, name, value) in try document.entries(
            of: document.root, known: Self.keys, what: "key", owner: "a target file")
        {
            nodes[name] = value
        }
        func needed(_ key: String, _ example: String) throws(PlumblineError) -> Node {
            guard let node = nodes[key] else {
                throw .usage(
                    "\(document.place): it has no \(key)", remedy: "add \(key): \(example)")
            }
            return node
        }
        self.place = document.place
        host = try document.parsed(needed("host", "ssh://root@testbox"), as: "host") {
            (text) throws(PlumblineError) in try SSHAddress(text)
        }
        way = try document.choice(needed("boot", Way.grubReboot.rawValue), "boot")
        let place = try nodes["where"].map { (node) throws(PlumblineError) in
            try document.choice(node, "where") as BootCommand.Place
        }
        func command(_ key: String) throws(PlumblineError) -> BootCommand? {
            try nodes[key].map { (node) throws(PlumblineError) in
                try document.command(node, key, on: place ?? .machine)
            }
        }
        (select, reboot, wait) = try (command("select"), command("reboot"), command("wait"))
        timeout =
            try nodes["timeout"].map { (node) throws(PlumblineError) in
                try document.timeout(node)
            } ?? Self.defaultTimeout
        kernels = try document.kernels(needed("kernels", "{NAME: {…}, NAME: {…}}"), way)
        try checkCommands(nodes, document)
    }

    /// Refuses commands that the way has of its own, and a file without the one that it needs.
    private func checkCommands(
        _ nodes: [String: Node], _ document: SuiteDocument
    ) throws(PlumblineError) {
        if way == .commands, reboot == nil {
            throw .usage(
                "\(document.place): it has no reboot",
                remedy: "add reboot: [PROGRAM, ARGUMENT, …], or another way than boot: commands")
        }
        if way != .commands, let node = nodes["select"] {
            throw .usage(
                "\(document.position(node)): select is not supported with boot: \(way.rawValue)",
                remedy: "remove it, or write boot: commands")
        }
        guard way == .commands, kernels.count > 1, let reboot else { return }
        guard
            [select, reboot].contains(where: { $0?.words.contains(BootCommand.placeholder) == true }
            )
        else {
            throw .usage(
                "\(document.place): neither select nor reboot has the word "
                    + "\(BootCommand.placeholder)",
                remedy: "give the kernel's name to the command that chooses it, such as "
                    + "select: [./choose-kernel, \"\(BootCommand.placeholder)\"]")
        }
    }
}

extension SuiteDocument {
    /// A scalar, read by a closure; its errors get the place.
    func parsed<Value>(
        _ node: Node, as name: String, _ parse: (String) throws(PlumblineError) -> Value
    ) throws(PlumblineError) -> Value {
        let text = try word(node, name)
        do throws(PlumblineError) { return try parse(text) } catch {
            throw error.at(position(node))
        }
    }

    /// One word of a few.
    func choice<Value>(
        _ node: Node, _ name: String
    ) throws(PlumblineError) -> Value where Value: RawRepresentable<String> & CaseIterable {
        try parsed(node, as: name) { (text) throws(PlumblineError) in
            guard let value = Value(rawValue: text) else {
                throw .unknown(
                    "value", text, for: name, among: Value.allCases.map(\.rawValue))
            }
            return value
        }
    }

    /// A text without control characters, which is not empty.
    func word(_ node: Node, _ name: String) throws(PlumblineError) -> String {
        let text = try scalar(node, name).text
        guard !text.isEmpty else { throw .usage("\(position(node)): \(name) is empty") }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
            throw .usage(
                "\(position(node)): \(name) contains a control character",
                remedy: "write it in one line, without tabs")
        }
        return text
    }

    func timeout(_ node: Node) throws(PlumblineError) -> Duration {
        try parsed(node, as: "timeout") { (text) throws(PlumblineError) in
            guard let time = Duration.nanoseconds(parsing: text).map({ Duration.nanoseconds($0) }),
                (.seconds(1)...TargetFile.longestTimeout).contains(time)
            else {
                throw .invalid(
                    text, for: "timeout", allowed: "1s to 2h, such as 5min", unit: "s")
            }
            return time
        }
    }
}
