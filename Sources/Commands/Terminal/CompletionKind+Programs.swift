// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import FoundationEssentials
import Linux
import Remotes
import Suites

/// What a shell completes and other programs or files know: git, Slurm, a target file.
extension CompletionKind {
    /// Branches and tags of the repository of --repo.
    static let commits = custom { arguments, _, _ in words(references(arguments)) }

    /// Ranges of them, and files of mails.
    static let patches = custom { arguments, _, prefix in
        let dots = prefix.range(of: "..")?.upperBound
        let head = dots.map { String(prefix[..<$0]) } ?? ""
        let ends = references(arguments).map { head + $0 }
        return words(ends + (dots == nil ? files(prefix) { _ in true } : []))
    }

    /// Slurm's partitions, nodes and features.
    static let partitions = custom { _, _, _ in words(lines(of: ["sinfo", "-h", "-o", "%R"])) }
    static let nodes = custom { _, _, prefix in
        words(listed(lines(of: ["sinfo", "-h", "-N", "-o", "%N"]), behind: prefix))
    }
    static let features = custom { _, _, _ in
        words(
            lines(of: ["sinfo", "-h", "-o", "%f"]).flatMap { $0.split(separator: ",") }
                .map(String.init))
    }

    /// The kernels of the target file on the command line.
    static let targetKernels = custom { arguments, _, _ in
        let files = arguments.filter { isYAML($0) }
        let targets = files.compactMap { try? TargetFile(SuiteSource.target(at: $0)) }
        return words(targets.flatMap(\.kernels).map(\.name))
    }

    /// What begins the address of a machine.
    static let machines = list(["ssh://"])

    private static func references(_ arguments: [String]) -> [String] {
        var repository = "."
        if let option = arguments.lastIndex(of: "--repo"), option + 1 < arguments.count {
            repository = arguments[option + 1]
        }
        let home = ProcessInfo.processInfo.environment["HOME"]
        if let home, repository.hasPrefix("~/") { repository = home + repository.dropFirst() }
        return lines(of: [
            "git", "-C", repository, "for-each-ref", "--format=%(refname:short)", "refs/heads",
            "refs/tags", "refs/remotes",
        ])
    }

    /// The lines that a program prints within some seconds; none where it fails.
    private static func lines(of command: [String]) -> [String] {
        guard
            let result = try? Command.run(
                command, outputLimit: 1 << 20, timeoutMilliseconds: 5000), result.succeeded
        else { return [] }
        return result.output.split(separator: "\n").map(String.init)
    }
}
