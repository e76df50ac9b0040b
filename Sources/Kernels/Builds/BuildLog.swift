// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Synchronization
import SystemPackage

/// A build's output: kept in a file line by line, counted for the progress.
final class BuildLog: Sendable {
    private struct State {
        var objects = 0
        var current = ""
        var lost = false
    }

    /// Where it is kept.
    let path: String
    private let file: Descriptor
    private let state = Mutex(State())

    /// Begins a log anew.
    init(path: String) throws(Errno) {
        self.path = path
        file = try Descriptor.open(path, [.write, .create, .truncate])
    }

    /// Takes a line.
    ///
    /// - Returns: how many objects were made so far and which is the last one; nil when the line
    ///   is about none.
    func add(_ line: String) -> (objects: Int, current: String)? {
        let object = Self.object(in: line)
        return state.withLock { state in
            // A full disk ends the build by itself; the log must not hide the compiler's words.
            if !state.lost {
                do { try file.writeAll(line + "\n") } catch { state.lost = true }
            }
            guard let object else { return nil }
            state.objects += 1
            state.current = object
            return (state.objects, object)
        }
    }

    /// How many objects were made.
    var objects: Int { state.withLock { $0.objects } }

    /// The object of a line such as `  CC      fs/pipe.o`.
    static func object(in line: String) -> String? {
        guard line.hasPrefix("  ") else { return nil }
        let words = line.split(separator: " ")
        guard words.count >= 2, ["CC", "AS", "LD"].contains(words[0]) else { return nil }
        return words.last.map(String.init)
    }
}
