// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Linux
import Protocol
import Verdicts

extension ExperimentRunner {
    /// Refuses to compare two machines where one is to be compared with itself.
    func refuseTwoMachines(_ hosts: [Arm: Hello]) throws(PlumblineError) {
        guard let comparison = plan.comparison, comparison.placeboUnits != nil,
            comparison.areTwoMachines, let a = hosts[.a], let b = hosts[.b]
        else { return }
        guard a.isSameBoot(as: b) else {
            let areKnown = a.bootID != nil && b.bootID != nil
            throw .usage(
                "\(comparison.arms.a.label) and \(comparison.arms.b.label) are not one machine: "
                    + "their boot ids \(areKnown ? "differ" : "are not known")",
                remedy: "leave --comparisons out, or give the addresses of one machine")
        }
    }

    /// Refuses to go on with a journal on another kernel.
    static func refuseOtherKernel(
        _ hello: Hello, than first: Hello, in path: String
    ) throws(PlumblineError) {
        guard hello.isSameKernel(as: first) else {
            throw .usage(
                "\(path) was measured on Linux \(first.kernelRelease) \(first.kernelVersion), and "
                    + "this is \(hello.kernelRelease) \(hello.kernelVersion)",
                remedy: "boot that kernel to resume, or start a new journal")
        }
    }

    /// Refuses to go on with a journal on another machine.
    static func refuseOtherMachine(
        _ hello: Hello, than first: Hello, in path: String
    ) throws(PlumblineError) {
        guard hello.isLikelySameMachine(as: first) else {
            throw .usage(
                "\(path) was measured on a machine with \(first.hardware), and this one has "
                    + hello.hardware,
                remedy: "go on with it on that machine, or start a new journal")
        }
    }

    static func otherKernel(_ hello: Hello, _ arm: Arm) -> PlumblineError {
        .failure(
            "the kernel of arm \(arm) is not the one of earlier rounds: "
                + "\(hello.kernelRelease) \(hello.kernelVersion)",
            remedy: "do not replace the image during a measurement; start a new journal")
    }
}

extension Hello {
    func isSameKernel(as other: Hello) -> Bool {
        kernelRelease == other.kernelRelease && kernelVersion == other.kernelVersion
            && buildID == other.buildID
    }

    /// Boots of one kernel on one machine may differ a little in the memory that is left to them.
    fileprivate func isLikelySameMachine(as other: Hello) -> Bool {
        let (least, most) = (min(memory, other.memory), max(memory, other.memory))
        return cpus == other.cpus && cpuModel == other.cpuModel && most - least <= most / 16
    }

    /// `2 CPUs (MODEL) and 7.8 GiB of memory`.
    fileprivate var hardware: String {
        let model = cpuModel.map { " (\($0))" } ?? ""
        let size = Decimal.fixed(Double(memory) / 1_073_741_824, 1)
        return "\(Decimal.count(cpus, "CPU"))\(model) and \(size) GiB of memory"
    }
}
