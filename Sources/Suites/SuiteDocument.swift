// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Yams

/// The YAML of a suite or of another file, read so that every error names the file, the line and the
/// column.
package struct SuiteDocument {
    /// Nodes that a suite may have with its aliases written out.
    package static let nodeLimit = 10_000

    /// The file's path, or the built-in suite's name.
    package let place: String
    /// The mapping at the top.
    package let root: Node.Mapping
    /// Takes errors, so that the rest is read too; nil where the first one ends the reading.
    var errors: Errors?

    /// The errors of a file, in the order in which they are found.
    final class Errors {
        fileprivate(set) var all: [PlumblineError] = []
    }

    /// Parses a suite's text, or that of another YAML file.
    ///
    /// - Parameters:
    ///   - shape: what the file must be, for the error.
    ///   - example: where there is one.
    /// - Throws: `usage` with the line for YAML that is broken, doubled or too large.
    package init(
        _ source: SuiteSource,
        shape: String = "a suite is a YAML mapping with the keys suite, cells and others",
        example: String = "`plumbline run --help`"
    ) throws(PlumblineError) {
        place = source.place
        let node: Node?
        do {
            try YAMLShape.check(source)
            // Every word is a text here: Yams would hold each key against seven regular expressions.
            node = try compose(yaml: source.text, .basic)
        } catch let error as PlumblineError {
            throw error
        } catch let error as YamlError {
            throw Self.broken(error, in: source.place)
        } catch {
            throw .usage("\(source.place): \(error)")
        }
        guard let node, let root = node.mapping else {
            throw .usage(
                "\(source.place): \(shape)", remedy: "see \(example) for an example")
        }
        var count = 0
        guard Self.count(node, &count) else {
            throw .usage(
                "\(source.place): with its aliases written out it has more than \(Self.nodeLimit) "
                    + "values", remedy: "use lists, which multiply, instead of aliases")
        }
        self.root = root
    }

    /// Reads a part.
    ///
    /// - Returns: nil where an error was collected.
    /// - Throws: its error, unless errors are collected.
    func attempt<Value>(
        _ body: () throws(PlumblineError) -> Value
    ) throws(PlumblineError) -> Value? {
        do { return try body() } catch {
            guard let errors else { throw error }
            errors.all.append(error)
            return nil
        }
    }

    /// - Throws: the first collected error.
    func finish() throws(PlumblineError) {
        if let error = errors?.all.first { throw error }
    }

    /// `file:line:column` of a node.
    package func position(_ node: Node?) -> String {
        guard let mark = node?.mark else { return place }
        return "\(place):\(mark.line):\(mark.column)"
    }

    /// A mapping's entries by key, in the order of the file.
    ///
    /// - Throws: `usage` for a key that is no plain word or is not among the known ones.
    package func entries(
        of mapping: Node.Mapping, known: [String], what: String, owner: String? = nil
    ) throws(PlumblineError) -> [(key: Node, name: String, value: Node)] {
        var entries: [(key: Node, name: String, value: Node)] = []
        for (key, value) in mapping {
            let entry = try attempt { () throws(PlumblineError) in
                guard let name = key.scalar?.string else {
                    throw .usage("\(position(key)): a key must be a word")
                }
                guard known.contains(name) else {
                    throw PlumblineError.unknown(what, name, for: owner, among: known)
                        .at(position(key))
                }
                return (key: key, name: name, value: value)
            }
            if let entry { entries.append(entry) }
        }
        return entries
    }

    /// A scalar as it was written.
    ///
    /// - Throws: `usage` for a list, a mapping or nothing.
    package func scalar(_ node: Node, _ name: String) throws(PlumblineError) -> SettingValue {
        guard let scalar = node.scalar else {
            throw .usage(
                "\(position(node)): \(name) must be a single value",
                remedy: "write it as \(name): VALUE")
        }
        guard node.null == nil else {
            throw .usage("\(position(node)): \(name) has no value", remedy: "remove it or fill it")
        }
        return .text(scalar.string)
    }

    /// One value, or each of a list's.
    package func alternatives(_ node: Node, _ name: String) throws(PlumblineError) -> [Node] {
        guard let sequence = node.sequence else { return [node] }
        guard !sequence.isEmpty else {
            throw .usage(
                "\(position(node)): \(name) is an empty list", remedy: "remove it or fill it")
        }
        return Array(sequence)
    }

    /// The values of a setting: each item of a list, unless the setting's value is a list itself.
    func alternatives(_ node: Node, of setting: Setting) throws(PlumblineError) -> [Node] {
        let all = try alternatives(node, setting.name)
        return setting.isList && all[0].sequence == nil ? [node] : all
    }

    /// A value of a setting as it was written: a scalar, or a list of them.
    func value(_ node: Node, of setting: Setting) throws(PlumblineError) -> SettingValue {
        guard setting.isList, let sequence = node.sequence else {
            return try scalar(node, setting.name)
        }
        var words: [String] = []
        for word in sequence { words.append(try scalar(word, setting.name).text) }
        return .words(words)
    }

    private static func count(_ node: Node, _ total: inout Int) -> Bool {
        total += 1
        guard total <= nodeLimit else { return false }
        switch node {
        case .mapping(let mapping):
            return mapping.allSatisfy { count($0.key, &total) && count($0.value, &total) }
        case .sequence(let sequence): return sequence.allSatisfy { count($0, &total) }
        default: return true
        }
    }

    private static func broken(_ error: YamlError, in place: String) -> PlumblineError {
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let during = context.map { " (\($0.text))" } ?? ""
            let alias = problem.contains("alias")
            return .usage(
                "\(place):\(mark.line):\(mark.column): broken YAML: \(problem)\(during)",
                remedy: alias
                    ? "an alias stands after its whole anchor, and never inside it"
                    : "check the indentation, quotes and brackets there")
        case .duplicatedKeysInMapping(let keys, let context):
            return .usage(
                "\(place):\(context.mark.line):\(context.mark.column): "
                    + "key '\(keys.first ?? "")' is given twice",
                remedy: "keep one of them; a list [a, b] multiplies")
        case .reader(let problem, let offset, _, let text):
            let line = offset.map { text.utf8.prefix($0).count { $0 == 10 } + 1 }
            let at = line.map { ":\($0)" } ?? ""
            return .usage(
                "\(place)\(at): not text that YAML allows: \(problem)",
                remedy: "remove control characters")
        default:
            return .usage("\(place): broken YAML: \(error)")
        }
    }
}
