// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Glibc
import Journal
import Linux
import Verdicts

/// Which published claims this machine can judge.
enum ClaimCheck {
    /// Holds the machine against a claim's set-up.
    static func finding(
        _ machine: ExaminedMachine, _ setUp: ClaimSetUp,
        directories: [String] = ToolCheck.directories(
            path: getenv("PATH").map { String(cString: $0) })
    ) -> Finding {
        let id = "claim_" + String(setUp.name.map { $0.isLetter || $0.isNumber ? $0 : "_" })
        let topic = Topic(.claims, id, title: String(setUp.name.prefix(14)))
        var missing = facts(machine).map { setUp.differences(on: $0).map(\.text) } ?? []
        let needsDisk = setUp.completion == StorageSpec.Completion.interrupt.rawValue
        if needsDisk, !hasInterrupts(machine) {
            missing.append("no null_blk that completes requests in an interrupt")
        }
        let lacksProgram = setUp.program.map { program in
            !directories.contains { machine.tree.exists("\($0)/\(program)") }
        }
        if lacksProgram == true, let program = setUp.program {
            missing.append("no \(program)")
        }
        guard !missing.isEmpty else { return topic.ok("this machine can run the set-up") }
        let onlyProgram = missing.count == 1 && lacksProgram == true
        return topic.missing(
            missing.joined(separator: ", "),
            consequence: "reports say \"not the claimed set-up\" and compare no size",
            fix: onlyProgram
                ? machine.installing(setUp.program ?? "")
                : .advice("measure on a machine that has all of it"))
    }

    private static func facts(_ machine: ExaminedMachine) -> ClaimMachine? {
        guard let identity = try? KernelIdentity.current() else { return nil }
        let isEmulated = CPUInfo(machine).model?.contains("TCG") ?? false
        let isVirtual = CPUInfo(machine).isVirtual
        return ClaimMachine(
            architecture: identity.machine, cpus: (try? CPUSet.allowed())?.count ?? 1,
            platform: isEmulated ? .emulated : isVirtual ? .virtual : .hardware,
            kernel: identity.release)
    }

    private static func hasInterrupts(_ machine: ExaminedMachine) -> Bool {
        BlockDeviceCheck.drivers.contains { driver in
            driver.completesInInterrupts
                && BlockDeviceCheck.finding(machine, driver).state == .ok
        }
    }
}
