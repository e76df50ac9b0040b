// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import SystemPackage

/// What a probe finds where it runs.
package struct ProbeHost {
    /// Where every change is on record.
    package let undoLog: UndoLog
    /// Seeds the data that is moved.
    package let seed: UInt64
    /// Whether nothing but the agent uses the machine, as in a guest.
    package let isAlone: Bool
    /// The kernel's log since the first probe; nil where it cannot be read.
    let log: KernelLog?
    /// Makes storage, or finds what was made; it stays until the agent ends.
    private let storage: (StorageSpec) throws(PlumblineError) -> PreparedStorage?
    private let refusal = Refusal()
    /// To be called often by what takes a while; throws `interrupted` once nobody waits any more.
    let check: () throws(PlumblineError) -> Void

    /// A machine with its undo log.
    package init(
        undoLog: UndoLog, seed: UInt64, isAlone: Bool, log: KernelLog? = nil,
        storage: @escaping (StorageSpec) throws(PlumblineError) -> PreparedStorage?,
        check: @escaping () throws(PlumblineError) -> Void
    ) {
        self.undoLog = undoLog
        self.seed = seed
        self.isAlone = isAlone
        self.log = log
        self.storage = storage
        self.check = check
    }

    /// Runs `body` in a directory on each of the storages that complete requests in different places.
    ///
    /// - Parameter body: gets the directory, and the place in words.
    func eachCompletion(
        _ body: (String, String) throws(PlumblineError) -> Void
    ) throws(PlumblineError) {
        for (spec, place) in zip(ProbeStorages.byCompletion, ProbeCountNames.places) {
            try check()
            let prepared = try granted { () throws(PlumblineError) in try storage(spec) }
            guard let directory = prepared?.directory else {
                try skip("the storage \(spec.text) is gone")
            }
            try body(directory, place)
        }
    }

    /// Runs `body` on one CPU, the first one that this process may use.
    func onOneCPU(_ body: () throws(PlumblineError) -> Void) throws(PlumblineError) {
        let all = try setUp("cannot tell the CPUs") { () throws(Errno) in try CPUSet.allowed() }
        defer { try? all.applyToCurrentThread() }
        try setUp("cannot stay on a CPU") { () throws(Errno) in
            try CPUSet(Array(all.cpus.prefix(1))).applyToCurrentThread()
        }
        try body()
    }

    private final class Refusal {
        var error: PlumblineError?
    }

    /// What a probe needs and the machine may not have: a probe that fails here is skipped.
    func granted<Value: ~Copyable>(
        _ body: () throws(PlumblineError) -> Value
    ) throws(PlumblineError) -> Value {
        do throws(PlumblineError) { return try body() } catch {
            refusal.error = error
            throw error
        }
    }

    /// The same for system calls that prepare what a probe looks at.
    ///
    /// - Parameter what: the beginning of a message, such as `cannot make a pipe`.
    func setUp<Value: ~Copyable>(
        _ what: @autoclosure () -> String, _ body: () throws(Errno) -> Value
    ) throws(PlumblineError) -> Value {
        try granted { () throws(PlumblineError) in try attempting(what(), body) }
    }

    /// Ends a probe that cannot look at what it is for.
    func skip(_ reason: String, remedy: String = "") throws(PlumblineError) -> Never {
        let error = PlumblineError.failure(reason, remedy: remedy)
        refusal.error = error
        throw error
    }

    /// Why a probe is to be skipped that ended with this error; nil for an error of the kernel.
    func absence(behind error: PlumblineError) -> String? {
        guard error == refusal.error else { return nil }
        return error.message + (error.remedy.isEmpty ? "" : "; \(error.remedy)")
    }

    /// Runs `body` with a trace instance, which is removed at its end.
    func tracing<Value>(
        _ body: (TraceInstance) throws(PlumblineError) -> Value
    ) throws(PlumblineError) -> Value {
        let instance = try granted { () throws(PlumblineError) in
            try TraceInstance(changes: ChangeStack(undoLog))
        }
        defer { instance.close() }
        return try body(instance)
    }
}
