// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import Synchronization

@testable import Commands

/// A command line's exit code, and what it printed.
struct Invocation {
    var code: Int32
    var document: String
    var diagnostics: String

    init(_ arguments: [String], environment: [String: String] = [:]) async {
        let document = Printed()
        let diagnostics = Printed()
        code = await Plumbline.main(
            arguments,
            console: Console(
                document: { document.add($0) }, diagnostics: { diagnostics.add($0) },
                environment: environment))
        self.document = document.text
        self.diagnostics = diagnostics.text
    }
}

/// Collects what a command prints.
final class Printed: Sendable {
    private let parts = Mutex<[String]>([])
    func add(_ text: String) { parts.withLock { $0.append(text) } }
    var text: String { parts.withLock { $0.joined() } }
}

/// A directory in /tmp that goes with its value.
final class ScratchDirectory {
    let path = "/tmp/plumbline-scratch-\(UInt64.random(in: 0 ... .max))"

    init() throws { try SystemFile.makeDirectory(path) }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        for name in (try? SystemFile.list(path)) ?? [] { remove("\(path)/\(name)") }
        if (try? SystemFile.removeDirectory(path)) == nil { try? SystemFile.unlink(path) }
    }
}
