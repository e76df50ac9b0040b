// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux

/// Which programs bash calls for a command line, with which words. None of them runs: programs of
/// the same names, the only ones that are found, write down their words.
struct ShellRecorder {
    /// A call of a program.
    struct Call {
        var program: String
        var words: [String]
    }

    /// The programs of this package.
    static let ours = ["plumbline", "plumbline-agent", "plumbline-bench", "plumbline-fuzz"]
    /// Programs of others that the articles may use. Their words are not checked here.
    static let others = [
        "apt-get", "benchstat", "column", "gcc", "git", "grep", "head", "jq", "less", "man", "ssh",
        "systemctl", "tmt", "xdg-open",
    ]

    private let scratch: Scratch
    private let home: String

    /// - Parameter home: what `~` stands for.
    init(home: String) throws {
        scratch = try Scratch()
        self.home = home
        try scratch.file("files/.empty", "")
        try scratch.file(
            "bin/record",
            """
            #!/bin/bash
            # Programs of a pipe write at the same time.
            exec 9>>"$RECORD"
            /usr/bin/flock 9
            printf '%s\\0' "${0##*/}" "$@" $'\\n' >&9
            """)
        try scratch.file(
            "bin/sudo",
            """
            #!/bin/bash
            while [[ $1 == -* ]]; do shift; done
            exec "$@"
            """)
        let programs =
            "cd '\(scratch.path)/bin'\n"
            + (Self.ours + Self.others + ["make"]).map { "ln -s record \($0)\n" }.joined()
            + "ln -s /bin/date date\nchmod +x record sudo\n"
        let made = try Command.run(["sh", "-ec", programs])
        guard made.succeeded else { throw RecorderError(text: made.output) }
    }

    /// What bash said against a command line.
    struct RecorderError: Error, CustomStringConvertible {
        var text: String
        var description: String { text }
    }

    /// The calls of a command line. A pattern such as `run-*.jsonl` matches eight files.
    ///
    /// - Throws: `RecorderError` where bash finds a program that is not listed above, or an error.
    func calls(of command: String) throws -> [Call] {
        let record = "\(scratch.path)/record"
        let patterns = command.matches(of: /([\w\/-]*)\*\.jsonl/)
        for pattern in patterns {
            for number in 1...8 { try scratch.file("files/\(pattern.1)\(number).jsonl", "") }
        }
        defer {
            if !patterns.isEmpty {
                _ = try? Command.run(["sh", "-c", "rm -rf '\(scratch.path)/files/'*"])
            }
        }
        try Descriptor.open(record, [.write, .create, .truncate]).writeAll("")
        let result = try Command.run([
            "env", "-i", "-C", "\(scratch.path)/files", "HOME=\(home)",
            "PATH=\(scratch.path)/bin", "RECORD=\(record)", "BASELINE=6.12",
            "CANDIDATE=git:~/linux@my-branch", "TMT_TEST_DATA=.", "/bin/bash", "-c", command,
        ])
        guard result.succeeded, result.output.isEmpty else {
            throw RecorderError(text: result.output)
        }
        var calls: [Call] = []
        var words: [String] = []
        for part in try SystemFile.read(record).split(
            separator: "\0", omittingEmptySubsequences: false)
        {
            guard part == "\n" else {
                words.append(String(part))
                continue
            }
            if let program = words.first {
                calls.append(Call(program: program, words: Array(words.dropFirst())))
            }
            words = []
        }
        return calls
    }
}
