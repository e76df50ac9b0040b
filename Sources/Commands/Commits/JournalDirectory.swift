// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol
import SystemPackage

/// The directory of a command's journals, one for each pair of commits. The same command goes on
/// with what is there.
struct JournalDirectory {
    /// Its path.
    let path: String

    /// What the journals are of.
    private struct Content: Codable, Equatable {
        /// The words of the command line that decide what is measured.
        var argv: [String]
        /// The hashes of the commits that it names.
        var commits: [String]
        /// The cells, which may be of a file.
        var suite: SuiteRecord
        /// The SHA-256 of the user's configuration; absent without one.
        var config: String?
    }

    private static let file = "command.json"
    /// Options that change what is shown, not what is measured; those with a value come with it.
    private static let shownOnly: Set<String> = ["--quiet", "-q", "--list", "--inconclusive-ok"]
    private static let shownOnlyWithValue: Set<String> = ["--format", "--output", "-o"]

    /// A directory that was checked before.
    init(known path: String) { self.path = path }

    private var place: String { "\(path)/\(Self.file)" }

    private var content: Content? {
        (try? SystemFile.readBytes(place)).flatMap {
            try? LineCodec.decode(Content.self, from: $0)
        }
    }

    /// Refuses a comparison whose files have changed since the directory was made.
    func check(_ comparison: KernelComparison) throws(PlumblineError) {
        let config = try comparison.configHash()
        guard let content, content.suite == comparison.suite, content.config == config else {
            throw changedFiles
        }
    }

    private var changedFiles: PlumblineError {
        .usage(
            "\(path) holds journals of another content of the suite or of --config",
            remedy: "restore the file, or give another --output")
    }

    /// Makes the directory, or takes that of the same command.
    ///
    /// - Parameters:
    ///   - arguments: the command line as it was typed.
    ///   - commits: those that it names: a branch may have moved.
    ///   - comparison: what is measured: the files that it names may have changed.
    /// - Throws: `usage` for what is not a directory, or that of another command; `failure` when it
    ///   cannot be made.
    init(
        _ path: String, arguments: [String], commits: [Commit], comparison: KernelComparison
    ) throws(PlumblineError) {
        self.path = path
        let content = Content(
            argv: Self.essence(arguments), commits: commits.map(\.hash), suite: comparison.suite,
            config: try comparison.configHash())
        do { try SystemFile.makeDirectories(path, mode: 0o755) } catch {
            throw .failure(
                "cannot make the directory \(path): \(error)",
                remedy: "give a directory that you may write to with --output")
        }
        guard (try? Descriptor.open(path).facts().kind) == .directory else {
            throw .usage("--output \(path) is not a directory", remedy: "give a directory")
        }
        guard SystemFile.exists(place) else {
            try Self.write(LineCodec.encode(content), to: place)
            return
        }
        let before = self.content
        guard before == content else {
            let argv = before?.argv.joined(separator: " ") ?? "?"
            let isSameCommand = before?.argv == content.argv
            if isSameCommand, before?.commits == content.commits { throw changedFiles }
            throw .usage(
                isSameCommand
                    ? "\(path) holds the same experiment with other commits"
                    : "\(path) holds another experiment, which was started with 'plumbline "
                        + "\(argv)'",
                remedy: "use the options of that command, or another --output")
        }
    }

    /// The path of the journal of two commits.
    func journal(a: Commit, b: Commit) -> String { "\(path)/\(a.short)-\(b.short).jsonl" }

    /// Writes a file of this user's own.
    static func write(_ bytes: [UInt8], to path: String) throws(PlumblineError) {
        do {
            try Descriptor.open(path, [.write, .create, .truncate]).writeAll(bytes)
        } catch {
            throw .failure("cannot write \(path): \(error)", remedy: "make room")
        }
    }

    /// The words that decide what is measured.
    static func essence(_ arguments: [String]) -> [String] {
        var words: [String] = []
        var isValue = false
        for word in arguments {
            if isValue {
                isValue = false
            } else if shownOnlyWithValue.contains(word) {
                isValue = true
            } else if !shownOnly.contains(word),
                !shownOnlyWithValue.contains(where: { word.hasPrefix("\($0)=") })
            {
                words.append(word)
            }
        }
        return words
    }
}
