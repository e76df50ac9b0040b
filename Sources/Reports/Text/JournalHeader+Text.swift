// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol

extension JournalHeader {
    /// The suite's name and what it is for.
    var title: TextParagraph {
        suite.summary.isEmpty
            ? TextParagraph(lead: suite.name)
            : TextParagraph(lead: "\(suite.name):", " \(suite.summary)")
    }

    /// `500ms, guard 125ms`.
    var sliceText: String {
        let times = [suite.slice, suite.guardTime].map { Decimal.time(nanoseconds: Double($0)) }
        return "\(times[0]), guard \(times[1])"
    }

    /// The machine that was measured, such as `testbox: 2 CPUs, Example CPU, 24.0 GiB`.
    var machineText: String {
        (plan.host.map { "\($0): " } ?? "") + host.machineText
    }

    /// What is said below figures of emulated guests.
    static let emulation =
        "The guests were emulated. How large a change is on hardware is not known."
}

extension Hello {
    /// `Linux 6.1.0 x86_64, build 0123456789ab, init_on_alloc=1`.
    var kernelText: String {
        let build = buildID.map { ", build \($0.prefix(12))" } ?? ""
        let zeroing = initOnAlloc.map { ", init_on_alloc=\($0)" } ?? ""
        return "Linux \(kernelRelease) \(machine)\(build)\(zeroing)"
    }

    /// `2 CPUs, Example CPU, 24.0 GiB`.
    var machineText: String {
        Self.machineText(cpus: cpus, model: cpuModel, memory: Double(memory))
    }

    /// The same of a machine that may not have greeted.
    fileprivate static func machineText(cpus: Int, model: String?, memory: Double) -> String {
        let model = model.map { ", \($0)" } ?? ""
        return "\(Decimal.count(cpus, "CPU"))\(model), "
            + "\(Decimal.fixed(memory / 1_073_741_824, 1)) GiB"
    }
}

extension GuestRecord.Host {
    /// `2 CPUs, Example CPU, 24.0 GiB`.
    var text: String { Hello.machineText(cpus: cpus, model: cpuModel, memory: Double(memory)) }
}

extension JournalEvent.Ending.State? {
    /// How an experiment ended, to go behind the counts; empty where it went to its end.
    var text: String {
        switch self {
        case .finished: ""
        case .interrupted: "; interrupted"
        case .failed: "; ended by a failure"
        case nil: "; not ended"
        }
    }
}
