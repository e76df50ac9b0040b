// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Reports

extension ReportFormat: ExpressibleByArgument {
    /// The format that `--format` names; nil for another word.
    public init?(argument: String) { self.init(named: argument) }
    /// What `--format` takes.
    public static var allValueStrings: [String] { all.map(\.name) }
    /// What a shell completes.
    public static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
    /// How the help shows the default.
    public var defaultValueDescription: String { name }
    /// The help of every `--format`.
    static let help: ArgumentHelp = "How to print the result."
}
