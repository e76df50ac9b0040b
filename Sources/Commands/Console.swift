// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import Glibc
import Synchronization
import SystemPackage

/// The streams and the environment of a command.
public struct Console: Sendable {
    /// Takes the document: standard output.
    public var document: @Sendable (String) -> Void
    /// Takes everything else: standard error.
    public var diagnostics: @Sendable (String) -> Void
    /// Whether the document goes to a terminal that shows colours: one whose TERM is not `dumb`.
    public var documentIsTerminal: Bool
    /// Whether the diagnostics go to such a terminal.
    public var diagnosticsAreTerminal: Bool
    /// The terminal's width now, columns.
    public var columns: @Sendable () -> Int = { 80 }
    /// Why the document could not be written in full; nil when it was.
    public var documentFailure: @Sendable () -> Errno? = { nil }
    /// The environment's variables.
    public var environment: [String: String]
    /// The command line as it was typed, the program's name left out.
    public internal(set) var arguments: [String] = []
    /// What is drawn among the diagnostics.
    let status = Status()

    /// A console for tests and other callers.
    public init(
        document: @escaping @Sendable (String) -> Void,
        diagnostics: @escaping @Sendable (String) -> Void, documentIsTerminal: Bool = false,
        diagnosticsAreTerminal: Bool = false, environment: [String: String] = [:]
    ) {
        self.document = document
        self.diagnostics = diagnostics
        self.documentIsTerminal = documentIsTerminal
        self.diagnosticsAreTerminal = diagnosticsAreTerminal
        self.environment = environment
    }

    /// This process's own streams.
    public static func standard() -> Console {
        let failure = FirstFailure()
        let environment = ProcessInfo.processInfo.environment
        let isDumb = [nil, "", "dumb"].contains(environment["TERM"])
        var console = Console(
            document: { failure.note(write($0, to: 1)) },
            diagnostics: { _ = write($0, to: 2) }, documentIsTerminal: isatty(1) == 1 && !isDumb,
            diagnosticsAreTerminal: isatty(2) == 1 && !isDumb, environment: environment)
        console.documentFailure = { failure.errno }
        console.columns = {
            var size = winsize()
            return ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
        }
        return console
    }

    private static func write(_ text: String, to number: Int32) -> Errno? {
        do {
            _ = try FileDescriptor(rawValue: number).writeAll(text.utf8)
            return nil
        } catch {
            return error as? Errno
        }
    }

    /// The first error of a stream, reported once at the end.
    private final class FirstFailure: Sendable {
        private let first = Mutex<Errno?>(nil)
        var errno: Errno? { first.withLock { $0 } }
        func note(_ error: Errno?) {
            first.withLock { if $0 == nil { $0 = error } }
        }
    }
}
