// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// An instance of the kernel's tracing of our own: its events and buffers are seen by nobody else.
///
/// Nothing is traced until `start()`. Functions and event settings are plain files of tracefs.
///
/// Source: Documentation/trace/ftrace.rst, section "Instances".
package final class TraceInstance {
    /// Where tracefs is mounted on every kernel that has it.
    package static let root = "/sys/kernel/tracing"

    /// Its directory.
    package let path: String
    private let changes: ChangeStack
    /// Whether functions may be traced.
    private var canFollow = true

    /// Makes an instance `plumbline-<pid>-<n>` with nothing to trace.
    ///
    /// - Parameter kilobytes: the size of each CPU's buffer; what comes when it is full is dropped.
    /// - Throws: `failure` without tracefs or root, and in a PID namespace of its own.
    package init(changes: ChangeStack, kilobytes: Int = 4096) throws(PlumblineError) {
        self.changes = changes
        guard SystemFile.exists("\(Self.root)/instances") else {
            throw .failure(
                "this kernel has no tracefs on \(Self.root)",
                remedy: SystemFile.exists(Self.root)
                    ? "run as root; mount -t tracefs tracefs \(Self.root)"
                    : "use a kernel with CONFIG_FTRACE")
        }
        guard Self.numbersThreads() else {
            throw .failure(
                "this process is in a PID namespace of its own, and events number threads as the "
                    + "machine does",
                remedy: "run outside of the container, or give it the machine's PID namespace")
        }
        path = ChangeStack.newName(
            "\(Self.root)/instances/plumbline-\(ChildProcess.currentID)-")
        let path = path
        try changes.make(
            .removeTraceInstance(path: path), failure: "cannot make the trace instance \(path)",
            remedy: "run as root"
        ) { () throws(Errno) in
            try SystemFile.makeDirectory(path)
            try SystemFile.write("0", to: "\(path)/tracing_on")
            try SystemFile.write("mono", to: "\(path)/trace_clock")
            try SystemFile.write("nooverwrite", to: "\(path)/trace_options")
            // Reading a trace makes lines of its own.
            try SystemFile.write("pause-on-trace", to: "\(path)/trace_options")
            try SystemFile.write("\(kilobytes)", to: "\(path)/buffer_size_kb")
        }
    }

    /// Whether the kernel's events number threads as this process does: in the first PID namespace,
    /// whose inode is `PID_NS_INIT_INO` of include/uapi/linux/nsfs.h. True where that cannot be told.
    ///
    /// - Parameter namespace: the file of a process's namespace.
    static func numbersThreads(in namespace: String = "/proc/self/ns/pid") -> Bool {
        guard let facts = try? Descriptor.open(namespace, [.read]).facts() else { return true }
        return facts.inode == 0xefff_fffc
    }

    /// Traces an event, of those calls that pass a filter.
    ///
    /// - Parameters:
    ///   - event: system and name, such as `kmem/kmalloc`.
    ///   - filter: as in Documentation/trace/events.rst, section 5; nil for every call.
    /// - Throws: `failure` for an event or a field that the kernel does not have.
    package func enable(_ event: String, filter: String? = nil) throws(PlumblineError) {
        let place = "\(path)/events/\(event)"
        if let filter { try write(filter, to: "\(place)/filter") }
        try write("1", to: "\(place)/enable")
    }

    /// Adds a trigger to an event, such as `stacktrace`; it works while the instance is started.
    ///
    /// - Throws: `failure` for one that the kernel refuses, with its own words.
    package func trigger(_ text: String, on event: String) throws(PlumblineError) {
        try write(text, to: "\(path)/events/\(event)/trigger")
    }

    /// Traces the entries of functions as well; a function that the kernel does not have, or does not
    /// let trace, is left out.
    ///
    /// - Returns: those that are traced; empty on a kernel without the function tracer.
    package func follow(functions: [String]) -> [String] {
        guard canFollow, SystemFile.exists("\(path)/set_ftrace_filter") else { return [] }
        let found = functions.filter { name in
            (try? append(name, to: "\(path)/set_ftrace_filter")) != nil
        }
        guard !found.isEmpty,
            (try? SystemFile.write("function", to: "\(path)/current_tracer")) != nil
        else { return [] }
        return found
    }

    /// Traces these threads only, and with `andChildren` those that they start from now on.
    ///
    /// - Throws: `failure` on a kernel that cannot.
    package func limit(
        to threads: [Int32], andChildren: Bool = false
    ) throws(PlumblineError) {
        if andChildren { try write("event-fork", to: "\(path)/trace_options") }
        let list = threads.map { "\($0)" }.joined(separator: " ")
        try write(list, to: "\(path)/set_event_pid")
        guard SystemFile.exists("\(path)/set_ftrace_pid") else { return }
        do throws(PlumblineError) {
            if andChildren { try write("function-fork", to: "\(path)/trace_options") }
            try limitFunctions(to: threads)
        } catch {
            // Those of all threads would be a flood: a kernel that refuses has no function tracer.
            canFollow = false
        }
    }

    /// Starts to trace.
    package func start() throws(PlumblineError) { try write("1", to: "\(path)/tracing_on") }

    /// Stops; the buffers stay.
    package func stop() throws(PlumblineError) { try write("0", to: "\(path)/tracing_on") }

    /// Empties the buffers and traces while `body` runs; the buffers keep what was traced.
    ///
    /// - Throws: what `body` throws; `failure` when tracing cannot be switched.
    package func recording(
        _ body: () throws(PlumblineError) -> Void
    ) throws(PlumblineError) {
        try clear()
        try start()
        do throws(PlumblineError) { try body() } catch {
            try? stop()
            throw error
        }
        try stop()
    }

    /// Empties the buffers.
    package func clear() throws(PlumblineError) { try write("", to: "\(path)/trace") }

    /// How many events were dropped because a buffer was full, since the buffers were emptied.
    package var dropped: Int {
        SystemTree.live.list("\(path)/per_cpu").reduce(0) { sum, cpu in
            let text = SystemTree.live.read("\(path)/per_cpu/\(cpu)/stats") ?? ""
            return sum + TraceLine.dropped(inStats: text)
        }
    }

    /// What the buffers hold, in the order of time.
    ///
    /// - Throws: `failure` when something was dropped because a buffer was full, or when the text is
    ///   longer than 16 MiB.
    package func lines() throws(PlumblineError) -> [TraceLine] {
        let dropped = dropped
        guard dropped == 0 else {
            throw .failure("\(dropped) events were dropped because a trace buffer was full")
        }
        let text = try attempting("cannot read \(path)/trace") { [path] () throws(Errno) in
            try SystemFile.read("\(path)/trace")
        }
        return TraceLine.all(in: text)
    }

    /// Removes the instance; doing it twice does no harm.
    ///
    /// - Returns: notices for the user.
    @discardableResult
    package func close() -> [String] { changes.undoAll() }

    func write(_ text: String, to file: String) throws(PlumblineError) {
        try attempting("cannot write '\(text)' to \(file)") { () throws(Errno) in
            // An empty text empties the buffers by O_TRUNC.
            if text.isEmpty {
                _ = try Descriptor.open(file, [.write, .truncate])
            } else {
                try SystemFile.write(text, to: file)
            }
        }
    }

    private func append(_ text: String, to file: String) throws(Errno) {
        try Descriptor.open(file, [.write, .append]).writeAll(text)
    }

    /// Removes an instance, of a run that was killed as well.
    static func remove(_ path: String, pulse: () -> Void = {}) -> UndoOutcome {
        guard path.hasPrefix("\(root)/instances/plumbline-"), SystemFile.exists(path) else {
            return .alreadyGone
        }
        // A tracer and events that are on keep it busy.
        try? SystemFile.write("0", to: "\(path)/tracing_on")
        try? SystemFile.write("nop", to: "\(path)/current_tracer")
        try? SystemFile.write("0", to: "\(path)/events/enable")
        return Undo.outcome(pulse) { () throws(Errno) in try SystemFile.removeDirectory(path) }
    }
}
