// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Kernels
import Protocol

/// `plumbline kernel list`: the kernels in the cache.
public struct KernelListCommand: ConsoleCommand {
    /// The document of `--format json`.
    struct Document: Encodable {
        /// A kernel and where it is.
        struct Kernel: Encodable {
            var path: String
            var config: String
            var entry: KernelEntry
        }

        var schema = "plumbline.kernels/1"
        var kernels: [Kernel]
    }

    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the kernels in the cache, and the variants that can be built.",
        discussion: """
            With --format json each kernel comes with all that went into it: source, patches, \
            compiler, and each option in which its configuration differs from Debian's, with \
            the reason. A kernel is marked debug when it looks for its own mistakes (+debug), \
            and own when patches, source or configuration of yours are in it.

            Exit codes: 0, also when there is none; 1 there is no place for a cache, 64 wrong \
            usage.

            EXAMPLES
              plumbline kernel list
              plumbline kernel list --format json
            """)

    /// The forms of the list.
    public enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
        /// A table.
        case text
        /// One JSON document.
        case json
    }

    /// The list's form.
    @Option(help: "How to print the list: text or json.") public var format = Format.text

    /// Made by the argument parser.
    public init() {}

    /// Lists.
    public func run(on console: Console) async throws -> Int32 {
        let images = try KernelStore(environment: console.environment).list()
        switch format {
        case .text: console.document(Self.text(images))
        case .json:
            let kernels = images.map {
                Document.Kernel(path: $0.path, config: $0.configPath, entry: $0.entry)
            }
            let line = try LineCodec.encode(Document(kernels: kernels))
            console.document(String(decoding: line, as: UTF8.self))
        }
        return 0
    }

    static func text(_ images: [KernelImage]) -> String {
        let missing = KernelVariant.known.map(\.name).filter { name in
            !images.contains { $0.name == name && $0.entry.isStandard }
        }
        var rows = images.map { image in
            [image.name, image.release, image.kind, image.path]
        }
        if !rows.isEmpty { rows.insert(["name", "release", "", "image"], at: 0) }
        let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
        var text = rows.map { row in
            (0..<3).map { row[$0] + String(repeating: " ", count: widths[$0] - row[$0].count + 2) }
                .joined() + row[3] + "\n"
        }.joined()
        for image in images {
            text += image.entry.remarks.map { "\(image.name): \($0)\n" }.joined()
        }
        if !missing.isEmpty {
            text +=
                (text.isEmpty ? "" : "\n") + "not built yet: "
                + missing.joined(separator: ", ") + "\n"
        }
        return text
    }
}
