// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Synchronization
import SystemPackage

/// A build's output: written to a file line by line, counted for the progress.
final class BuildLog: Sendable {
    private struct State {
        var objects = 0
        var hasFailed = false
    }

    /// Objects of a first build with our configuration, 6.12 and 7.2.
    static func usualObjects(isFull: Bool) -> Int { isFull ? 1731 : 1144 }

    private let file: Descriptor
    private let total: Int?
    private let start = Clock.monotonicNanoseconds()
    private let state = Mutex(State())

    /// Starts a new log.
    ///
    /// - Parameter total: the number of objects that the build makes; nil when unknown.
    init(path: String, total: Int?) throws(PlumblineError) {
        self.total = total
        do {
            file = try Descriptor.open(path, [.write, .create, .truncate])
        } catch {
            throw UserCache.failure("cannot write \(path)", error)
        }
    }

    /// Writes a line.
    ///
    /// - Returns: the progress, for a line about an object.
    func add(_ line: String) -> KernelProgress? {
        let object = Self.object(in: line)
        let done: Int? = state.withLock { state in
            // A full disk ends the build by itself; its output must reach the user all the same.
            if !state.hasFailed {
                do { try file.writeAll(line + "\n") } catch { state.hasFailed = true }
            }
            if object == nil { return nil }
            state.objects += 1
            return state.objects
        }
        guard let object, let done else { return nil }
        return .object(object, done: done, total: total, remaining: remaining(after: done))
    }

    /// The number of objects made.
    var objects: Int { state.withLock { $0.objects } }

    /// The time left at the speed so far; nil for the first objects.
    private func remaining(after done: Int) -> Duration? {
        guard let total, done >= 20 else { return nil }
        let elapsed = Double(Clock.monotonicNanoseconds() - start) / 1e9
        return .seconds(elapsed / Double(done) * Double(max(total - done, 0)))
    }

    /// The object of a line such as `  CC      fs/pipe.o`.
    static func object(in line: String) -> String? {
        guard line.hasPrefix("  ") else { return nil }
        let words = line.split(separator: " ")
        guard words.count >= 2, ["CC", "AS", "LD"].contains(words[0]) else { return nil }
        return words.last.map(String.init)
    }
}
