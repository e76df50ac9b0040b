// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Linux
import Machine

@testable import Agent

/// A trace of a real guest: the pages of its buffers, what the kernel printed of them, the formats of
/// the events and the kernel's functions that occur.
struct TraceSample {
    /// The kernels, and what ran: `dd` through a pipe, and `dd` with direct I/O.
    static let names = ["6.12-pipe", "6.12-dio", "7.2-pipe", "7.2-dio"]

    private(set) var formats = TraceFormats()
    private(set) var pages: [(cpu: Int, bytes: [UInt8])] = []
    let symbols: KernelSymbols
    let text: String

    init(_ name: String) throws {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let file = try SystemFile.read("/\(folder)/Traces/\(name).txt")
        var sections: [(name: Substring, body: String)] = []
        for line in file.split(separator: "\n") {
            if line.first == "=", !line.hasPrefix("=>") {
                sections.append((line.dropFirst(), ""))
            } else if !sections.isEmpty {
                sections[sections.count - 1].body += line + "\n"
            }
        }
        var (symbols, text) = ("", "")
        for (name, body) in sections {
            let words = name.split(separator: " ")
            switch words[0] {
            case "FORMAT":
                for event in TracedEvent.allCases where event.path == words[1] {
                    formats.add(
                        body, fields: event.fields, place: event.rawValue,
                        isStack: event == .stack)
                }
            case "PAGE":
                let bytes = Data(base64Encoded: body.trimmed).map { [UInt8]($0) } ?? []
                pages.append((Int(words[1].dropFirst(3)) ?? -1, bytes))
            case "SYMBOLS": symbols = body
            default: text = body
            }
        }
        self.symbols = KernelSymbols(Array(symbols.utf8))
        self.text = text
    }

    /// The records of the pages.
    var records: [TraceRecord] {
        var records: [TraceRecord] = []
        for (cpu, bytes) in pages { records += Self.records(bytes, cpu: cpu, formats) }
        return records.sorted { $0.nanoseconds < $1.nanoseconds }
    }

    static func records(_ bytes: [UInt8], cpu: Int, _ formats: TraceFormats) -> [TraceRecord] {
        var records: [TraceRecord] = []
        bytes.withUnsafeBytes { TracePage($0[...]).add(to: &records, cpu: cpu, formats) }
        return records
    }

    /// The thread of the last `dd` that has an event of this name.
    func thread(with event: TracedEvent) -> Int32? {
        records.last { $0.event == event.rawValue && $0.thread > 1 }?.thread
    }

    /// What the agent makes of it, where these threads are the workers and all of it counts.
    func trace() -> MechanismTrace {
        MechanismTrace(
            records: records, dropped: 0, events: Set(TracedEvent.allCases), followsLocks: true,
            symbols: symbols)
    }
}
