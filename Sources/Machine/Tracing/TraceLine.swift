// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// One line of a trace: an event, or the entry of a function.
///
/// Source: Documentation/trace/ftrace.rst, section "Output format".
package struct TraceLine: Sendable, Equatable {
    /// The thread.
    package var thread: Int32
    /// The CPU.
    package var cpu: Int
    /// Where the CPU was.
    package var context: Context
    /// When, seconds of the monotonic clock, to a microsecond.
    package var seconds: Double
    /// The event's name; of a function's entry the function.
    package var event: Substring
    /// The event's fields, `name=value` each; of a function's entry its caller after `<-`.
    package var text: Substring

    /// Where a CPU was.
    package enum Context: Sendable, Equatable {
        /// In a task.
        case task
        /// In a soft interrupt.
        case softirq
        /// In a hard interrupt, or in a non-maskable one.
        case hardirq
    }

    /// A field of an event; nil where there is none.
    package subscript(field: String) -> Substring? {
        for word in text.split(separator: " ") where word.hasPrefix(field) {
            let rest = word.dropFirst(field.count)
            if rest.first == "=" { return rest.dropFirst() }
        }
        return nil
    }

    /// The lines of a `trace` file that are events or functions, in its order.
    package static func all(in text: String) -> [TraceLine] {
        text.split(separator: "\n").compactMap { TraceLine($0) }
    }

    /// Parses `  name-123  [001] d.h1.  12.345678: event: field=value`.
    ///
    /// A name may hold blanks and dashes.
    package init?(_ line: Substring) {
        guard line.first != "#", let (thread, cpu, close) = Self.head(of: line) else { return nil }
        let rest = line[line.index(after: close)...].split(
            separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
        guard rest.count == 3, let context = Context(flags: rest[0]), rest[1].last == ":",
            let seconds = Double(rest[1].dropLast())
        else { return nil }
        let body = rest[2].drop { $0 == " " }
        let end = body.firstIndex { $0 == ":" || $0 == " " } ?? body.endIndex
        self.thread = thread
        self.cpu = cpu
        self.context = context
        self.seconds = seconds
        event = body[..<end]
        text = body[end...].drop { $0 == ":" || $0 == " " }
    }

    /// The thread and the CPU, and where the bracket after the CPU is: the first bracket with a number
    /// in it behind a dash and a number.
    private static func head(
        of line: Substring
    ) -> (thread: Int32, cpu: Int, close: Substring.Index)? {
        var start = line.startIndex
        while let close = line[start...].firstIndex(of: "]") {
            start = line.index(after: close)
            guard let open = line[..<close].lastIndex(of: "["),
                let cpu = Int(line[line.index(after: open)..<close])
            else { continue }
            let head = line[..<open].trimmed
            guard let dash = head.lastIndex(of: "-"),
                let thread = Int32(head[head.index(after: dash)...])
            else { continue }
            return (thread, cpu, close)
        }
        return nil
    }

    /// The events that a CPU's `stats` file says were lost: they found the buffer full, were overwritten,
    /// or found it full in the midst of another event.
    static func dropped(inStats text: String) -> Int {
        text.split(separator: "\n").reduce(0) { sum, line in
            let words = line.split(separator: ":")
            guard words.count == 2,
                ["dropped events", "overrun", "commit overrun"].contains(words[0])
            else { return sum }
            return sum + (Int(String(words[1]).trimmed) ?? 0)
        }
    }
}

extension TraceLine.Context {
    /// Parses the flags of a trace line, such as `d.h1.`: the third one says where the CPU was.
    init?(flags: Substring) {
        let letters = Array(flags)
        guard letters.count >= 4 else { return nil }
        switch letters[2] {
        case ".": self = .task
        case "s": self = .softirq
        case "h", "H", "z", "Z": self = .hardirq
        default: return nil
        }
    }
}
