// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import FoundationXML
import Testing

/// An element of a parsed XML document.
final class XMLTree {
    let name: String
    let attributes: [String: String]
    var children: [XMLTree] = []
    var text = ""

    init(_ name: String, _ attributes: [String: String]) {
        self.name = name
        self.attributes = attributes
    }

    /// Parses a document with libxml2.
    static func parse(_ text: String) throws -> XMLTree {
        let parser = XMLParser(data: Data(text.utf8))
        let reader = Reader()
        parser.delegate = reader
        try #require(parser.parse(), "\(parser.parserError as Any)")
        return try #require(reader.root)
    }

    private final class Reader: NSObject, XMLParserDelegate {
        var root: XMLTree?
        private var path: [XMLTree] = []

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
            qualifiedName: String?, attributes: [String: String]
        ) {
            let element = XMLTree(name, attributes)
            path.last?.children.append(element)
            if path.isEmpty { root = element }
            path.append(element)
        }

        func parser(
            _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
            qualifiedName: String?
        ) {
            path.removeLast()
        }

        func parser(_ parser: XMLParser, foundCharacters text: String) {
            path.last?.text += text
        }
    }
}

/// What Jenkins' schema of JUnit's XML allows and asks for.
enum JUnitRules {
    private struct Rule {
        var required: Set<String> = []
        var optional: Set<String> = []
        var children: Set<String> = []
        var mayHaveText = false
    }

    private static let message = Rule(optional: ["type", "message"], mayHaveText: true)
    private static let rules: [String: Rule] = [
        "testsuites": Rule(
            optional: ["name", "time", "tests", "failures", "errors"], children: ["testsuite"]),
        "testsuite": Rule(
            required: ["name", "tests", "failures", "errors"],
            optional: [
                "group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log",
                "url",
            ], children: ["testsuite", "properties", "testcase", "system-out", "system-err"]),
        "properties": Rule(children: ["property"]),
        "property": Rule(required: ["name", "value"]),
        "testcase": Rule(
            required: ["name"], optional: ["time", "classname", "group"],
            children: ["skipped", "error", "failure", "system-out", "system-err"]),
        "skipped": message, "error": message, "failure": message,
        "system-out": Rule(mayHaveText: true), "system-err": Rule(mayHaveText: true),
    ]

    /// Checks an element and all below it.
    static func check(_ element: XMLTree) throws {
        let rule = try #require(rules[element.name], "element \(element.name)")
        let names = Set(element.attributes.keys)
        #expect(rule.required.subtracting(names).isEmpty, "\(element.name) lacks an attribute")
        #expect(names.subtracting(rule.required).subtracting(rule.optional).isEmpty)
        let isBlank = element.text.allSatisfy(\.isWhitespace)
        #expect(rule.mayHaveText || isBlank, "text in \(element.name)")
        for child in element.children {
            #expect(rule.children.contains(child.name), "\(child.name) in \(element.name)")
            try check(child)
        }
    }
}
