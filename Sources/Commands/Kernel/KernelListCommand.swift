// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Kernels
import Reports

/// `plumbline kernel list`: the kernels in the cache.
public struct KernelListCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the kernels in the cache, and the variants that can be built.",
        discussion: """
            A kernel is marked full when it supports NUMA nodes and XFS (+full), debug when it \
            checks itself for bugs (+debug), and own when it is made with your own patches, \
            source or configuration. Relinked images, which `ab` boots besides (--relinks), are \
            counted only. --format json lists them too, and adds all that went into each kernel: \
            source, patches, compiler, and each option in which its configuration differs from \
            Debian's, with the reason.

            Exit codes: 0, also when the cache is empty; 1 no directory for a cache, 64 usage \
            error.

            EXAMPLES
              plumbline kernel list
              plumbline kernel list --format json
            """)

    /// The list's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text

    /// Made by the argument parser.
    public init() {}

    /// Lists.
    public func run(on console: Console) async throws -> Int32 {
        try console.show(
            KernelList(KernelStore(environment: console.environment).all()), as: format)
        return 0
    }
}

/// What `plumbline kernel list` prints.
struct KernelList: Report {
    private let all: [KernelImage]
    /// Those that are not relinked.
    private let images: [KernelImage]

    init(_ all: [KernelImage]) {
        self.all = all
        images = all.filter { $0.entry.layout == nil }
    }

    /// `full`, `own`, and how often it is relinked.
    private func kind(_ image: KernelImage) -> String {
        let relinked = all.count { $0.entry.layout?.plain == image.entry.key }
        let parts = [image.kind, relinked > 0 ? "\(relinked) relinked" : ""]
        return parts.filter { !$0.isEmpty }.joined(separator: ", ")
    }

    var document: JSONObject {
        JSONObject([
            "schema": "plumbline.kernels/1",
            "kernels": all.map { image in
                JSONObject([
                    "path": image.path, "config": image.configPath, "entry": image.entry,
                ])
            },
        ])
    }

    var page: TextPage {
        var page = TextPage()
        if !images.isEmpty {
            var table = TextTable()
            table.addTitles("name", "release", "", "image")
            for image in images {
                table.add(image.name, image.release, kind(image), image.path)
            }
            page.add(table)
            for image in images {
                for remark in image.entry.remarks {
                    page.add(TextParagraph("\(image.name): \(remark)", hanging: 2))
                }
            }
        }
        let missing = KernelVariant.known.map(\.name).filter { name in
            !images.contains { $0.name == name && $0.entry.isStandard }
        }
        if !missing.isEmpty {
            if !images.isEmpty { page.add() }
            page.add(
                TextParagraph("not built yet: \(missing.joined(separator: ", "))", hanging: 2))
        }
        return page
    }
}
