// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// What `/proc` says of a process that a test watches.
public struct ObservedProcess: Sendable {
    /// Its process id.
    public let id: Int32

    /// Watches a process, which may be gone.
    public init(_ id: Int32) { self.id = id }

    /// The processes whose command line has this word.
    public static func all(with word: String) throws -> [ObservedProcess] {
        try SystemFile.list("/proc").compactMap { Int32($0) }.filter { process in
            let line = try? SystemFile.read("/proc/\(process)/cmdline")
            return line?.contains(word) == true
        }.map { ObservedProcess($0) }
    }

    /// Its state as in `/proc/PID/stat`: `T` when it is stopped, `Z` when it has ended and nobody
    /// has waited for it; nil when it is gone.
    public var state: Character? {
        guard let text = try? SystemFile.read("/proc/\(id)/stat"),
            let close = text.lastIndex(of: ")")
        else { return nil }
        return text[close...].dropFirst(2).first
    }

    /// Whether it has ended.
    public var hasEnded: Bool { [nil, "Z", "X"].contains(state) }

    /// A line of `/proc/PID/io`, such as `read_bytes`; nil when it is gone.
    public func transferred(_ counter: String) -> UInt64? {
        guard let text = try? SystemFile.read("/proc/\(id)/io") else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(counter): ") }
        return line.flatMap { UInt64($0.dropFirst(counter.count + 2)) }
    }
}
