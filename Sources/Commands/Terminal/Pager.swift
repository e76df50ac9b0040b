// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Linux
import Synchronization

/// The program through which a long text is read on a terminal, chosen and started as git does.
struct Pager {
    /// A shell's command line.
    let command: String
    /// A shell's exit codes for a program that it cannot execute or does not find.
    private static let cannotRun: Set<Int32> = [126, 127]

    /// `PLUMBLINE_PAGER`, else `PAGER`, else less; nil where that is empty or `cat`, or less is not
    /// installed.
    init?(environment: [String: String]) {
        let given = environment["PLUMBLINE_PAGER"] ?? environment["PAGER"]
        command = given ?? "less"
        let places = (environment["PATH"] ?? "").split(separator: ":")
        let isThere = given != nil || places.contains { SystemFile.exists("\($0)/less") }
        if !isThere || command.isEmpty || command == "cat" { return nil }
    }

    /// Shows a text until the user has seen enough of it.
    ///
    /// The command gets to `sh -c` as the user wrote it. Ctrl-C is the pager's meanwhile.
    ///
    /// - Returns: whether there is such a program.
    func show(_ text: String) -> Bool {
        // What git sets: less ends by itself after a short text, and shows colours.
        setenv("LESS", "FRX", 0)
        setenv("LV", "-c", 0)
        guard let pipe = popen(command, "we") else { return false }
        // A pager that has ended is no error. It starts with the signals as they were.
        let signals = [SIGPIPE, SIGINT, SIGQUIT]
        let before = signals.map { signal($0, SIG_IGN) }
        defer { for (number, handler) in zip(signals, before) { signal(number, handler) } }
        var text = text
        _ = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, pipe) }
        let status = pclose(pipe)
        return status < 0 || !Self.cannotRun.contains(status >> 8 & 0xff)
    }
}

extension Console {
    /// Runs a command whose document is shown by the pager once it is complete, where there is a
    /// terminal and a pager. How the pager ends is no matter of the exit code.
    func paging(
        _ body: (Console) async throws -> Int32
    ) async throws -> Int32 {
        guard documentIsTerminal, let pager = Pager(environment: environment) else {
            return try await body(self)
        }
        let collected = Collected()
        var console = self
        console.document = { collected.add($0) }
        defer {
            let text = collected.text
            if !text.isEmpty, !pager.show(text) { document(text) }
        }
        return try await body(console)
    }

    private final class Collected: Sendable {
        private let parts = Mutex<[String]>([])
        var text: String { parts.withLock { $0.joined() } }
        func add(_ part: String) { parts.withLock { $0.append(part) } }
    }
}
