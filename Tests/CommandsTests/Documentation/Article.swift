// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import Linux

/// A text for users, the README or an article, with its blocks of code.
struct Article {
    /// A block of code.
    struct Block {
        var section: String
        var language: String
        /// The line of the file that the block's first line is.
        var line: Int
        var text: String
    }

    /// The root of the package.
    static let root = #filePath.split(separator: "/").dropLast(4).reduce(into: "") {
        $0 += "/\($1)"
    }
    /// Where the articles are.
    static let catalogue = "Sources/plumbline/Documentation.docc"
    /// The page that lists all articles.
    static let landingPage = "Plumbline"

    let name: String
    /// The file, from the root of the package.
    let path: String
    let text: String
    var blocks: [Block] = []
    /// The lines outside the blocks, with their numbers.
    private var prose: [(line: Int, text: String)] = []

    /// Reads the `README` or an article of the catalogue.
    init(_ name: String) throws {
        self.name = name
        path = name == "README" ? "README.md" : "\(Self.catalogue)/\(name).md"
        text = try SystemFile.read("\(Self.root)/\(path)")
        var section = ""
        var open: Block?
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("```") {
                if let block = open {
                    blocks.append(block)
                    open = nil
                } else {
                    open = Block(
                        section: section, language: String(line.dropFirst(3)), line: index + 2,
                        text: "")
                }
            } else if open != nil {
                open?.text += line + "\n"
            } else {
                if line.hasPrefix("## ") { section = String(line.dropFirst(3)) }
                prose.append((index + 1, String(line)))
            }
        }
    }

    /// The README and every article that is there.
    static func all() throws -> [Article] {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(catalogue)")
            .filter { $0.hasSuffix(".md") }.map { String($0.dropLast(3)) }
        return try (["README"] + names.sorted()).map { try Article($0) }
    }

    /// The texts of a section's blocks in a language.
    func texts(_ section: String, _ language: String) -> [String] {
        blocks.filter { $0.section == section && $0.language == language }.map(\.text)
    }

    /// What stands between backticks in the prose; such a span may go over the end of a line.
    func spans() -> [DocumentedCommand] {
        var spans: [DocumentedCommand] = []
        var paragraph = (line: 1, text: "")
        for (line, text) in prose + [(0, "")] {
            let begins = text.isEmpty || text.hasPrefix("|") || text.hasPrefix("- ")
            if begins {
                let parts = paragraph.text.split(separator: "`", omittingEmptySubsequences: false)
                for (index, span) in parts.enumerated() where index % 2 == 1 {
                    spans.append(.init(place: "\(path):\(paragraph.line)", text: String(span)))
                }
                paragraph = (line, "")
            }
            paragraph.text += text + " "
        }
        return spans
    }
}
