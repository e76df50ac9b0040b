// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux

/// A directory with the files that the articles' commands name: suites and target files as the
/// articles show them, a kernel's repository, patches, and stored journals.
final class DocumentedFiles {
    private let scratch: Scratch
    /// Where a reader would type the commands.
    let directory: String
    /// What `~` stands for.
    let home: String
    /// Programs of Slurm that take every job and know none.
    let slurm: String
    /// A configuration of ssh by which no machine is reached.
    let sshConfig: String
    /// An agent that measures nothing.
    let agent: FakeAgentScript

    init(of articles: [Article]) throws {
        scratch = try Scratch()
        directory = "\(scratch.path)/files"
        home = "\(scratch.path)/home"
        slurm = "\(scratch.path)/slurm"
        sshConfig = try scratch.file("ssh_config", "Host *\n  ProxyCommand false\n")
        // Rates that differ, both tracks of a pipe, and reclaim.
        agent = try FakeAgentScript(
            answer:
                #"result | sed -E 's/"write":(.*)\},"validity"/"write":\1,"read":\1},"validity"/; "#
                + #"s/"proof":\{\}/"proof":{"pgscan_direct":100000}/; "#
                + #"s/"operations":10,/"operations":'"$((1000 + RANDOM % 99))"',/g'"#)
        for (name, text) in articles.flatMap(\.suites) { try file(name, text) }
        try targets(articles)
        try repository()
        for program in ["sbatch", "squeue", "scontrol", "scancel", "sacct"] {
            try scratch.file("slurm/\(program)", "#!/bin/sh\n[ $0 != \(slurm)/sbatch ] || echo 7\n")
        }
        _ = try Command.run(["sh", "-c", "chmod +x '\(slurm)'/*"])
    }

    deinit { agent.remove() }

    /// Writes a file, and gives its path.
    @discardableResult
    func file(_ name: String, _ text: String) throws -> String {
        try scratch.file("files/\(name)", text)
    }

    /// Makes the stored journals that a command line reads, and removes the directory that it makes.
    func prepare(for words: [String]) throws {
        if words.count > 2, words[..<2] == ["fleet", "submit"], !words.contains("--dry-run") {
            _ = try Command.run(["rm", "-rf", "\(directory)/\(words[2])"])
        }
        let areRuns = words.contains { $0 == "--history" || $0.hasPrefix("ssh://") }
        for (index, word) in words.enumerated() where word.hasSuffix(".jsonl") {
            guard !["--output", "-o"].contains(index > 0 ? words[index - 1] : "") else { continue }
            let path = try file(word, "")
            try SystemFile.unlink(path)
            var journal = GateJournal(
                kernels: ("6.12", "6.12+my"), level: 1 + Double(index) / 100,
                seed: UInt64(index + 1))
            if words[0] == "gate" { journal.suite = words[1] }
            // Calibration is about comparisons of a kernel with itself.
            if words[0] == "doctor" {
                journal.kernels.1 = journal.kernels.0
                (journal.rounds, journal.placeboUnits) = (40, 8)
            }
            try areRuns ? journal.writeRun(to: path) : journal.write(to: path)
        }
    }

    private func targets(_ articles: [Article]) throws {
        guard let text = articles.flatMap(\.blocks).first(where: \.isTargetFile)?.text else {
            return
        }
        try file("testbox.yaml", text)
        for box in ["box1", "box2"] {
            try file("\(box).yaml", text.replacing("root@testbox", with: "root@\(box)"))
        }
    }

    /// `~/linux` with the tags and branches that the articles name, and patches of it.
    private func repository() throws {
        try scratch.file("home/empty", "")
        let repository = try SmallRepository(in: scratch, commits: 6, named: "home/linux")
        for (name, number) in [("v7.1", 0), ("v7.2", 3), ("v0", 0), ("c9", 5)] {
            try repository.git("tag", name, repository.commits[number])
        }
        for name in ["my-branch", "next"] { try repository.git("branch", name) }
        let mails = try repository.git("format-patch", "--stdout", "v7.2..my-branch")
        for name in ["my.mbox", "my-series.mbox"] { try file(name, mails + "\n") }
        let patch = try repository.git("diff", "v7.1", "v7.2")
        for name in ["my.patch", "my-change.patch", "old.patch"] { try file(name, patch + "\n") }
        _ = try Command.run(["ln", "-s", "\(home)/linux", "\(directory)/linux"])
        // Without --repo, the current directory is the repository.
        _ = try Command.run(["cp", "-r", "\(home)/linux/.git", directory])
        try file("my.config", "CONFIG_DEBUG_INFO=y\n")
        try file("linux-6.12.tar.xz", "")
        for path in ["bzImage", "old/bzImage", "new/bzImage", "arch/x86/boot/bzImage"] {
            try file(path, CachedKernel.image)
        }
        try CachedKernel.add("6.12+my", key: "k0", in: home)
    }
}

extension Article {
    /// The suites that it shows, by the file's name that its commands use.
    var suites: [(name: String, text: String)] {
        blocks.compactMap { block in
            block.text.firstMatch(of: /^suite: (\S+)\n/).map { ("\($0.1).yaml", block.text) }
        }
    }
}

extension Article.Block {
    /// Whether it is a target file.
    var isTargetFile: Bool { language == "yaml" && text.hasPrefix("host: ") }
    /// Whether it is a file of published claims.
    var isClaims: Bool { language == "yaml" && text.hasPrefix("set_ups:") }
}
