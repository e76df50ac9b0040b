// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// How a command line of plumbline is tried: the real program runs, and measures nothing.
struct DocumentedTrial {
    /// The words that are added, so that nothing is measured, changed, downloaded or reached.
    var arguments: [String]
    /// The exit codes that it may end with.
    var exits: Set<Int32> = [0]
    /// Whether programs other than plumbline are hidden from it.
    var isAlone = false
    /// Whether what it prints goes to a file.
    var isSilent = false

    /// The codes of verdicts: what the stored journals say is not asked here.
    private static let verdicts: Set<Int32> = [0, 3, 4, 5]
    private static let harmless: Set<String> = [
        "--help", "--list", "--settings", "--schema", "--dry-run", "--version",
    ]

    /// What is known of a command line.
    enum Kind {
        /// It is tried.
        case tried(DocumentedTrial)
        /// It can only be parsed: it measures and has no list, or asks a server.
        case parsed
        /// No class: this test must be told how such a command is proven.
        case unknown
    }

    /// The class of a command line.
    static func kind(of words: [String], _ files: DocumentedFiles) -> Kind {
        guard let command = words.first else { return .tried(.init(arguments: [])) }
        let whole = words.prefix { $0 != "--" }
        if whole.contains(where: harmless.contains) { return .tried(.init(arguments: words)) }
        switch command {
        case "run", "toggle", "ab", "bisect":
            // Behind -- are a program's words.
            return .tried(.init(arguments: Array(whole) + ["--list"] + words[whole.endIndex...]))
        case "gate": return .tried(.init(arguments: words + ["--list"], exits: verdicts))
        case "series":
            // b4 asks a server for a message-id.
            return words.count > 1 && words[1].contains("@")
                ? .parsed : .tried(.init(arguments: words + ["--list"]))
        // It reads what another one printed.
        case "history" where words.contains("/dev/stdin"): return .parsed
        // Names of experiments that are not here, and cells that stored journals do not have.
        case "history" where ["show", "import"].contains(words.dropFirst().first): return .parsed
        case "report" where words.contains("--filter"): return .parsed
        case "report", "compare", "history", "suite":
            return .tried(
                .init(
                    arguments: words, exits: verdicts,
                    isSilent: words.contains("--output") || words.contains("-o")))
        // Slurm knows no task here, so each is lost.
        case "fleet": return .tried(.init(arguments: words, exits: [0, 1, 4]))
        case "doctor": return doctor(words)
        case "kernel" where words.count > 1: return kernel(words)
        // Guests are booted by the lab's tests.
        case "probe": return .parsed
        case "target" where words.count > 1:
            if words[1] == "example" { return .tried(.init(arguments: words)) }
            return .tried(
                .init(arguments: words + ["--ssh-config", files.sshConfig], exits: [1]))
        default: return .unknown
        }
    }

    private static func doctor(_ words: [String]) -> Kind {
        if words.contains("--journals") { return .tried(.init(arguments: words, exits: [0, 5])) }
        if words.contains(where: { $0.hasPrefix("--calibrate") }) { return .parsed }
        if words.contains("--restore") {
            return .tried(.init(arguments: words + ["--dry-run"]))
        }
        // Without QEMU it boots no guest.
        return .tried(.init(arguments: words, isAlone: true))
    }

    private static func kernel(_ words: [String]) -> Kind {
        switch words[1] {
        case "list": .tried(.init(arguments: words))
        // A kernel that is named is not in the cache here.
        case "clean": .tried(.init(arguments: words + ["--dry-run"], exits: [0, 64]))
        // Names and files are checked before the tools, which are missing: a wrong name is 64.
        case "build", "source": .tried(.init(arguments: words, exits: [1], isAlone: true))
        default: .unknown
        }
    }

    /// A command line whose output the article shows: a comparison in a cell of its own runs for a
    /// short time, others are answered by an agent that measures nothing.
    static func shown(_ words: [String], _ files: DocumentedFiles) -> DocumentedTrial? {
        if words.contains(where: harmless.contains) { return .init(arguments: words) }
        switch words.first {
        case "toggle":
            guard let budget = words.firstIndex(of: "--budget"), budget + 1 < words.count else {
                return nil
            }
            var short = words
            short[budget + 1] = "2s"
            return .init(arguments: short, exits: verdicts)
        case "run": return .init(arguments: words + ["--agent", files.agent.path])
        // Kernels are compared by the lab's tests; the list shows that the words are taken.
        case "bisect": return .init(arguments: words + ["--list"], isSilent: true)
        case "ab", "series", "gate", "fleet", nil: return nil
        default:
            guard case .tried(let trial) = kind(of: words, files) else { return nil }
            return trial
        }
    }
}
