// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import Glibc
import SystemPackage

/// Where a command's text goes, and what it may know of its surroundings.
public struct Console: Sendable {
    /// Takes the document: standard output.
    public var document: @Sendable (String) -> Void
    /// Takes everything else: standard error.
    public var diagnostics: @Sendable (String) -> Void
    /// Whether the document goes to a terminal.
    public var documentIsTerminal: Bool
    /// Whether the diagnostics go to a terminal.
    public var diagnosticsAreTerminal: Bool
    /// The environment's variables.
    public var environment: [String: String]

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
        Console(
            document: { write($0, to: 1) }, diagnostics: { write($0, to: 2) },
            documentIsTerminal: isatty(1) == 1, diagnosticsAreTerminal: isatty(2) == 1,
            environment: ProcessInfo.processInfo.environment)
    }

    private static func write(_ text: String, to number: Int32) {
        _ = try? FileDescriptor(rawValue: number).writeAll(text.utf8)
    }
}
