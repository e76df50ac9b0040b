// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

extension TraceInstance {
    /// Sets the filter of an event; it may be changed while the event is traced.
    ///
    /// - Throws: `failure` for a field that the kernel does not have.
    package func filter(_ event: String, by filter: String) throws(PlumblineError) {
        try write(filter, to: "\(path)/events/\(event)/filter")
    }

    /// Takes a trigger from an event; one that is not there is no error.
    ///
    /// - Parameter text: its words before the filter.
    package func untrigger(_ text: String, on event: String) {
        try? SystemFile.write("!\(text)", to: "\(path)/events/\(event)/trigger")
    }

    /// Traces functions in these threads only. Events are not limited by it.
    package func limitFunctions(to threads: [Int32]) throws(PlumblineError) {
        guard SystemFile.exists("\(path)/set_ftrace_pid") else { return }
        let list = threads.map { "\($0)" }.joined(separator: " ")
        try write(list, to: "\(path)/set_ftrace_pid")
    }

    /// Takes what the buffers hold as the kernel keeps it, which is some hundred times faster than
    /// as text. The buffers are empty then.
    ///
    /// - Parameter pulse: called after each CPU.
    /// - Returns: the records of all CPUs in the order of time, and how many events were dropped.
    /// - Throws: `failure` for buffers that cannot be read.
    package func takeRecords(
        _ formats: TraceFormats, pulse: () -> Void = {}
    ) throws(PlumblineError) -> (records: [TraceRecord], dropped: Int) {
        var dropped = dropped
        var records: [TraceRecord] = []
        for name in SystemTree.live.list("\(path)/per_cpu") {
            guard let cpu = Int(name.dropFirst(3)) else { continue }
            let path = "\(path)/per_cpu/\(name)/trace_pipe_raw"
            try attempting("cannot read \(path)") { () throws(Errno) in
                let file = try Descriptor.open(path, [.read, .nonblocking])
                dropped += try Self.takePages(of: file) { page in
                    page.add(to: &records, cpu: cpu, formats)
                }
            }
            pulse()
        }
        records.sort { $0.nanoseconds < $1.nanoseconds }
        return (records, dropped)
    }

    /// Hands each page of a CPU's buffer to `body`.
    ///
    /// - Returns: pages before which events were dropped.
    private static func takePages(
        of file: borrowing Descriptor, _ body: (TracePage) -> Void
    ) throws(Errno) -> Int {
        // Each read gives one page of the buffer: one of memory, which is 64 KiB at most.
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { buffer.deallocate() }
        var holes = 0
        while true {
            let count: Int
            do throws(Errno) { count = try file.read(into: buffer) } catch .wouldBlock {
                return holes
            }
            guard count > 0 else { return holes }
            let page = TracePage(UnsafeRawBufferPointer(buffer)[..<count])
            if page.hasHole { holes += 1 }
            body(page)
        }
    }
}
