// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Journal
import Yams

extension ClaimSetUp {
    private static let keys = [
        Setting("architecture", .text, default: nil, help: "uname -m"),
        Setting("cpus", .count(1...8192), default: nil, help: "CPUs at least"),
        Setting(
            "platform", .choice(Platform.allCases.map(\.rawValue)), default: nil,
            help: "what executed the kernel"),
        Setting("pressure_text", .text, default: nil, help: "the pressure in words"),
        Setting("program", .text, default: nil, help: "the program that made the pressure"),
        Setting(
            "completion", .choice(StorageSpec.Completion.all.map(\.rawValue)), default: nil,
            help: "where requests completed"),
        Setting("tool", .text, default: nil, help: "the benchmark with its options"),
    ]

    /// Reads a set-up.
    ///
    /// - Throws: `usage` with the line of an unknown key or a value that is not allowed.
    init(_ node: Node, name: String, in document: SuiteDocument) throws(PlumblineError) {
        self.init(name: name)
        guard let mapping = node.mapping else {
            throw .usage(
                "\(document.position(node)): set-up \(name) must be a mapping",
                remedy: "write its keys below it, indented; {} where nothing is known")
        }
        let known = Self.keys.map(\.name) + ["kernels", "pressure", "settings"]
        var texts: [String: SettingValue] = [:]
        for (_, key, value) in try document.entries(
            of: mapping, known: known, what: "key", owner: "a set-up")
        {
            switch key {
            case "kernels":
                kernels = try document.alternatives(value, key).map {
                    (node) throws(PlumblineError) in try document.scalar(node, key).text
                }
            case "pressure": try readPressure(value, in: document)
            case "settings": settings = try Self.values(value, key, in: document)
            default:
                guard let setting = Self.keys.first(where: { $0.name == key }) else { continue }
                texts[key] = try document.value(value, setting)
            }
        }
        architecture = texts["architecture"]?.text
        cpus = texts["cpus"]?.integer
        platform = texts["platform"].flatMap { Platform(rawValue: $0.text) }
        pressureText = texts["pressure_text"]?.text
        program = texts["program"]?.text
        completion = texts["completion"]?.text
        tool = texts["tool"]?.text
    }

    /// `none`, or a mapping with `kind` and the pressure's settings, as in a suite.
    private mutating func readPressure(
        _ node: Node, in document: SuiteDocument
    ) throws(PlumblineError) {
        guard node.mapping != nil else {
            pressure = try document.scalar(node, "pressure").text
            return
        }
        var values = try Self.values(node, "pressure", in: document)
        guard let kind = values.removeValue(forKey: "kind") else {
            throw .usage(
                "\(document.position(node)): pressure has no kind",
                remedy: "add kind:, the name of a pressure")
        }
        pressure = kind.text
        pressureSettings = values.isEmpty ? nil : values
    }

    private static func values(
        _ node: Node, _ name: String, in document: SuiteDocument
    ) throws(PlumblineError) -> [String: SettingValue] {
        guard let mapping = node.mapping else {
            throw .usage(
                "\(document.position(node)): \(name) must be a mapping",
                remedy: "write it as \(name): {SETTING: VALUE}")
        }
        var values: [String: SettingValue] = [:]
        for (key, value) in mapping {
            let setting = try document.scalar(key, "a setting").text
            values[setting] = try document.scalar(value, setting)
        }
        return values
    }
}

extension SuiteDocument {
    /// A scalar that a setting accepts.
    ///
    /// - Throws: `usage` with the place and what is allowed.
    func value(_ node: Node, _ setting: Setting) throws(PlumblineError) -> SettingValue {
        let raw = try scalar(node, setting.name)
        do { return try setting.parse(raw) } catch { throw error.at(position(node)) }
    }
}
