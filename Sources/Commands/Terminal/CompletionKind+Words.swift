// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Cells
import FoundationEssentials
import Kernels
import Linux
import Suites

/// What a shell completes, found when the user asks for it.
extension CompletionKind {
    /// The built-in suites, and YAML files.
    static let suites = custom { _, _, prefix in
        words(SuiteSource.builtInNames + files(prefix) { isYAML($0) })
    }

    /// The short names of the cells of the suite on the command line; without one, of all suites.
    static let cells = custom { arguments, index, _ in
        let others = arguments.enumerated().filter { $0.offset > 1 && $0.offset != index }
        let given = others.map(\.element).filter {
            SuiteSource.builtInNames.contains($0) || isYAML($0)
        }
        let suites = (given.isEmpty ? SuiteSource.builtInNames : given).compactMap { name in
            try? SuiteParser.parse(SuiteSource.find(name))
        }
        return words(suites.flatMap(\.cells).map(\.label))
    }

    /// Kernels that can be built, those in the cache, images, and what begins a commit.
    static let kernels = custom { _, _, prefix in words(kernelWords(prefix)) }

    /// The same, and this machine, what begins one that ssh reaches.
    static let kernelsAndMachines = custom { _, _, prefix in
        words(kernelWords(prefix) + ["local", "ssh://"])
    }

    /// The same kernels, and journals.
    static let kernelsAndJournals = custom { _, _, prefix in
        words(kernelWords(prefix) + files(prefix) { $0.hasSuffix(".jsonl") })
    }

    /// What `plumbline kernel build` makes by name.
    static let variants = custom { _, _, _ in
        words(KernelVariant.known.map(\.name) + ["git:"])
    }

    /// The kernels in the cache.
    static let builtKernels = custom { _, _, _ in words(cachedKernels) }

    /// Knobs: settings, files of `/proc/sys/vm`, and what begins another one.
    static let knobs = custom { _, _, _ in
        let sysctls = (try? SystemFile.list("/proc/sys/vm")) ?? []
        return words(
            sysctls.map { "vm.\($0)" } + ["set:", "module:", "cmd:", "/sys/"]
                + Set(WorkloadCatalogue.all.flatMap { $0.settings.map { "set:\($0.name)" } }))
    }

    /// Settings of `--set`.
    static let settings = custom { _, _, _ in
        words(
            WorkloadCatalogue.all.flatMap { type in type.settings.map { "\(type.name).\($0.name)" }
            }
                + PressureCatalogue.all.flatMap { type in
                    type.settings.map { "\(type.name).\($0.name)" }
                })
    }

    /// The probes.
    static let probes = list(ProbeCatalogue.all.map(\.name))

    /// The patches with switches.
    static let switches = list(KernelChange.all.map(\.name))

    /// Journals, and directories that lead to them.
    static let journals = file(extensions: ["jsonl"])

    /// Whether a word is the path of a YAML file.
    static func isYAML(_ path: String) -> Bool {
        path.hasSuffix(".yaml") || path.hasSuffix(".yml")
    }

    private static func kernelWords(_ prefix: String) -> [String] {
        KernelVariant.known.map(\.name) + cachedKernels + ["git:"]
            + files(prefix) { name in
                ["bzImage", "vmlinu"].contains { name.contains($0) }
            }
    }

    private static var cachedKernels: [String] {
        let environment = ProcessInfo.processInfo.environment
        return (try? KernelStore(environment: environment))?.list().map(\.name) ?? []
    }

    /// The entries of the directory of a word that is begun: directories, and files that fit.
    static func files(_ prefix: String, where fits: (String) -> Bool) -> [String] {
        let folder = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
        let names = (try? SystemFile.list(folder.isEmpty ? "." : folder)) ?? []
        return names.filter { !$0.hasPrefix(".") }.compactMap { name in
            let path = folder + name
            if fits(name) { return path }
            let kind = try? Descriptor.open(path, [.place]).facts().kind
            return kind == .directory ? path + "/" : nil
        }
    }

    /// Words behind a list that is begun.
    ///
    /// - Parameters:
    ///   - prefix: the list so far, with what is typed of its last word.
    ///   - separator: what stands between its words.
    static func listed(
        _ words: [String], behind prefix: String, parted separator: Character = ","
    ) -> [String] {
        let head = prefix.lastIndex(of: separator).map { prefix[...$0] } ?? ""
        return words.map { head + $0 }
    }

    /// Words that a shell takes literally: bash expands the others again.
    static func words(_ words: [String]) -> [String] {
        let special = Set("$`\\\"'\n")
        let plain = Set(words).filter { !$0.contains(where: special.contains) }.sorted()
        // zsh takes what stands behind a colon for the word's description.
        return CompletionShell.requesting == .zsh
            ? plain.map { $0.replacing(":", with: "\\:") } : plain
    }
}
