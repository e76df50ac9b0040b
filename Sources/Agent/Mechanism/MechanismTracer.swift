// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol

/// Traces slices, in an instance of tracefs of its own that stays until the agent ends.
///
/// Making one and `arm` patch the kernel's code, so that both are for a time when all workers are
/// parked and all hogs stand still: an emulated CPU may crash while another one patches code.
final class MechanismTracer {
    /// KiB of all buffers together.
    private static let bufferSize = 65_536

    private let instance: TraceInstance
    private let symbols = KernelSymbols()
    private var formats = TraceFormats()
    private var events: [TracedEvent] = []
    private let followsLocks: Bool

    /// Enables the events; nothing is traced yet.
    ///
    /// - Throws: `failure` without tracefs or root.
    init(_ undoLog: UndoLog) throws(PlumblineError) {
        let cpus = max(1, SystemTree.live.list("\(TraceInstance.root)/per_cpu").count)
        instance = try TraceInstance(
            changes: ChangeStack(undoLog),
            kilobytes: max(256, min(4096, Self.bufferSize / cpus)))
        for event in TracedEvent.allCases {
            let text = SystemTree.live.read("\(TraceInstance.root)/events/\(event.path)/format")
            guard let text,
                formats.add(
                    text, fields: event.fields, place: event.rawValue, isStack: event == .stack)
            else { continue }
            events.append(event)
        }
        // The idle thread only, until a slice's workers are known.
        for event in events {
            switch event.tasks {
            case .workers: try instance.enable(event.path, filter: Self.filter(event, 0...0))
            case .all: try instance.enable(event.path)
            case .implied: continue
            }
        }
        try? instance.limitFunctions(to: [ChildProcess.currentID])
        followsLocks = MutexFunctions.follow(in: instance)
    }

    /// Makes ready for a slice of these threads.
    func arm(_ workers: Set<Int32>) throws(PlumblineError) {
        let range = (workers.min() ?? 0)...(workers.max() ?? 0)
        try instance.stop()
        try instance.clear()
        for event in events {
            if event.tasks == .workers {
                try instance.filter(event.path, by: Self.filter(event, range))
            }
            if let stacks = event.stacks {
                instance.untrigger(stacks, on: event.path)
                try instance.trigger("\(stacks) if \(Self.isIn(range))", on: event.path)
            }
        }
        if followsLocks { try instance.limitFunctions(to: workers.sorted()) }
    }

    /// Starts to trace, without a change of code.
    func start() throws(PlumblineError) { try instance.start() }

    /// Ends what `start` began.
    func stop() throws(PlumblineError) { try instance.stop() }

    /// What was traced.
    ///
    /// - Parameter pulse: called now and then.
    func take(pulse: () -> Void) throws(PlumblineError) -> MechanismTrace {
        let taken = try instance.takeRecords(formats, pulse: pulse)
        return MechanismTrace(
            records: taken.records, dropped: taken.dropped, events: Set(events),
            followsLocks: followsLocks, symbols: symbols)
    }

    /// Removes the instance.
    ///
    /// - Returns: notices for the user.
    func close() -> [String] { instance.close() }

    private static func filter(_ event: TracedEvent, _ threads: ClosedRange<Int32>) -> String {
        [isIn(threads), event.condition].compactMap { $0 }.joined(separator: " && ")
    }

    private static func isIn(_ threads: ClosedRange<Int32>) -> String {
        "common_pid >= \(threads.lowerBound) && common_pid <= \(threads.upperBound)"
    }
}
