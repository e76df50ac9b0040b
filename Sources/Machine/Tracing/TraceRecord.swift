// SPDX-License-Identifier: GPL-3.0-or-later

/// One event of a trace, with the few fields that were asked for.
package struct TraceRecord: Sendable, Equatable {
    /// When, nanoseconds of CLOCK_MONOTONIC.
    package var nanoseconds: UInt64
    /// The CPU.
    package var cpu: Int
    /// Where the CPU was.
    package var context: TraceLine.Context
    /// The thread; the one that was interrupted, where `context` is not a task.
    package var thread: Int32
    /// The event, by its place among the formats.
    package var event: Int
    /// Its fields in the order of the format; 0 for one that the kernel does not have.
    package var fields = (UInt64(0), UInt64(0), UInt64(0))
    /// Of a stack the return addresses, innermost first.
    package var stack: [UInt64] = []

    /// A record.
    package init(
        nanoseconds: UInt64, cpu: Int, context: TraceLine.Context, thread: Int32, event: Int
    ) {
        self.nanoseconds = nanoseconds
        self.cpu = cpu
        self.context = context
        self.thread = thread
        self.event = event
    }

    package static func == (one: TraceRecord, other: TraceRecord) -> Bool {
        one.nanoseconds == other.nanoseconds && one.cpu == other.cpu
            && one.context == other.context && one.thread == other.thread
            && one.event == other.event && one.fields == other.fields && one.stack == other.stack
    }
}

extension TraceLine.Context {
    /// From `common_flags` of an event: `enum trace_flag_type` of include/linux/trace_events.h.
    init(flags: UInt8) {
        if flags & 0x48 != 0 {
            self = .hardirq
        } else {
            self = flags & 0x10 != 0 ? .softirq : .task
        }
    }
}
