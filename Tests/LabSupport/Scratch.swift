// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Linux

/// A directory of a test's own, removed with its content.
package final class Scratch: Sendable {
    package let path = "/var/tmp/plumbline-lab-\(UInt64.random(in: 0 ... .max))"

    package init() throws { try SystemFile.makeDirectory(path) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and makes the directories above it.
    @discardableResult
    package func file(_ name: String, _ text: String) throws -> String {
        let whole = "\(path)/\(name)"
        if let slash = whole.lastIndex(of: "/") {
            try FileManager.default.createDirectory(
                atPath: String(whole[..<slash]), withIntermediateDirectories: true)
        }
        try Descriptor.open(whole, [.write, .create, .truncate]).writeAll(text)
        return whole
    }

    /// Runs a test with the path of an empty directory.
    package static func with<Value>(_ body: (String) throws -> Value) throws -> Value {
        let scratch = try Scratch()
        defer { withExtendedLifetime(scratch) {} }
        return try body(scratch.path)
    }

    /// Runs a test with the path of an empty directory.
    package static func with<Value>(
        _ body: (String) async throws -> Value
    ) async throws -> Value {
        let scratch = try Scratch()
        defer { withExtendedLifetime(scratch) {} }
        return try await body(scratch.path)
    }
}

/// The error that a closure throws; nil when it throws none.
package func failure<T>(of body: () throws(PlumblineError) -> T) -> PlumblineError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error
    }
}
