// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import LabSupport
import Linux
import Machine

@testable import Probes

/// A machine for probes, with an undo log of its own.
final class Trial {
    private let scratch: Scratch
    let undoLog: UndoLog

    init() throws {
        // As in an agent: a write to a pipe without a reader fails.
        signal(SIGPIPE, SIG_IGN)
        scratch = try Scratch()
        undoLog = try UndoLog(directory: scratch.path)
    }

    /// What a probe gets: no storage.
    ///
    /// - Parameter check: as the host's.
    func host(
        isAlone: Bool = false, check: @escaping () throws(PlumblineError) -> Void = {}
    ) -> ProbeHost {
        ProbeHost(
            undoLog: undoLog, seed: 1, isAlone: isAlone, log: try? KernelLog(),
            storage: { (_) throws(PlumblineError) in throw .failure("there is no storage here") },
            check: check)
    }

    /// Whether probes can trace here.
    static var canTrace: Bool {
        ChildProcess.userID == 0 && SystemFile.exists("\(TraceInstance.root)/instances")
    }

    /// The processes that this thread has started and not waited for.
    static var children: Set<String> {
        let text = (try? SystemFile.read("/proc/thread-self/children")) ?? ""
        return Set(text.split(separator: " ").map(String.init))
    }

    /// The trace instances that this process left.
    static var instances: [String] {
        ((try? SystemFile.list("\(TraceInstance.root)/instances")) ?? []).filter {
            $0.hasPrefix("plumbline-\(ChildProcess.currentID)-")
        }
    }
}
