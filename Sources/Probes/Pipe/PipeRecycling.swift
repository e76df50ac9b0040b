// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol
import SystemPackage

/// Counts the pages that a write of one page allocates after the page before it was read, and after
/// somebody else got that page by `tee(2)` or `splice(2)`: then it cannot be used again.
enum PipeRecycling: Probe {
    static let name = "pipe-recycling"

    private static let page = MappedMemory.pageSize
    private static let (warmups, writes) = (4, 8)

    /// What becomes of a page before the next write.
    enum Fate: String, CaseIterable {
        case read = "after a read"
        case tee = "after tee(2)"
        case splice = "after splice(2)"
    }

    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError) {
        try host.tracing { (instance) throws(PlumblineError) in
            let trace = try PipeTrace(instance, host)
            for fate in Fate.allCases {
                try host.check()
                let (before, all) = try trace.countingInParts { () throws(PlumblineError) in
                    let pipes = try host.setUp("cannot make pipes") { () throws(Errno) in
                        try Pipes()
                    }
                    for _ in 0..<warmups { try pipes.use(fate) }
                    let mark = TraceMark.now()
                    for _ in 0..<writes { try pipes.use(fate) }
                    return mark
                }
                let allocated = (all - before).allocated
                findings.count(
                    "\(fate.rawValue): allocated", Double(allocated) / Double(writes),
                    unit: "pages a write")
                findings.requireFreed(all, fate.rawValue)
            }
        }
    }

    /// Two pipes, of which the second one gets pages of the first one; no page comes back.
    private struct Pipes: ~Copyable {
        let first: Pipe
        let second: Pipe
        let memory: MappedMemory

        init() throws(Errno) {
            let first = try Pipe()
            let second = try Pipe()
            let memory = try MappedMemory(bytes: page)
            memory.touch()
            self.first = first
            self.second = second
            self.memory = memory
        }

        /// Writes a page, and hands it on.
        ///
        /// - Throws: `failure` for a call that does not move a page.
        func use(_ fate: Fate) throws(PlumblineError) {
            let (input, output) = (first.reader.rawValue, second.writer.rawValue)
            try moved(
                "write(2)",
                RawCall.write(first.writer.rawValue, from: memory.bytes.baseAddress, count: page))
            switch fate {
            case .read: break
            case .tee: try moved("tee(2)", RawCall.tee(from: input, to: output, count: page))
            case .splice:
                try moved("splice(2)", RawCall.splice(from: input, to: output, count: page))
            }
            if fate != .splice { try moved("read(2)", read(from: input)) }
            if fate != .read { try moved("read(2)", read(from: second.reader.rawValue)) }
        }

        private func read(from pipe: CInt) -> Int {
            RawCall.read(pipe, into: memory.bytes.baseAddress, count: page)
        }

        private func moved(_ call: String, _ answer: Int) throws(PlumblineError) {
            guard answer == page else { throw .failure("\(call) of a page answered \(answer)") }
        }
    }
}
