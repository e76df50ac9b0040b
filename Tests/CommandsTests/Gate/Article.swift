// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// The recipes of an article: its blocks of code, section by section.
struct Article {
    /// A block of code.
    struct Block {
        var section: String
        var language: String
        var text: String
    }

    var blocks: [Block] = []

    /// Reads an article of `Documentation.docc`.
    init(_ name: String) throws {
        let root = #filePath.split(separator: "/").dropLast(4).reduce(into: "") { $0 += "/\($1)" }
        let path = "\(root)/Sources/plumbline/Documentation.docc/\(name).md"
        var section = ""
        var open: Block?
        for line in try SystemFile.read(path).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            if line.hasPrefix("```") {
                if let block = open {
                    blocks.append(block)
                    open = nil
                } else {
                    open = Block(section: section, language: String(line.dropFirst(3)), text: "")
                }
            } else if open != nil {
                open?.text += line + "\n"
            } else if line.hasPrefix("## ") {
                section = String(line.dropFirst(3))
            }
        }
    }

    /// The texts of a section's blocks in a language.
    func texts(_ section: String, _ language: String) -> [String] {
        blocks.filter { $0.section == section && $0.language == language }.map(\.text)
    }
}
