// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// Whether guests run at the hardware's speed.
enum GuestCheck {
    static let topic = Topic(.guests, "kvm", "KVM")
    private static let emulated =
        "guests are emulated: slower, while pairs still compare and instructions "
        + "still count exactly"

    /// Judges what came of a guest of three instructions.
    ///
    /// That it ran is no proof: there are KVMs that run it and no ordinary kernel.
    static func finding(_ machine: ExaminedMachine, _ outcome: TinyGuest.Outcome) -> Finding {
        switch outcome {
        case .ran:
            let drivers = machine.tree.list("/sys/module").filter { $0.hasPrefix("kvm_") }
            let name = drivers.isEmpty ? "" : " (\(drivers.joined(separator: ", ")))"
            return topic.limited(
                "answers\(name): a guest of three instructions ran",
                "only a booted guest proves it: some KVMs run this and no kernel",
                .advice("boot a guest with KVM to be sure"))
        case .hung:
            return topic.missing("a guest of three instructions hangs", emulated, hostRemedy)
        case .failed(.open, .noSuchFileOrDirectory):
            return topic.missing("no /dev/kvm", emulated, driverRemedy(machine))
        case .failed(.open, .permissionDenied):
            return topic.missing(
                "/dev/kvm is not for this user", emulated,
                .command("sudo usermod -aG kvm \"$USER\" && newgrp kvm"))
        case .failed(let step, let error):
            return topic.missing("\(step.call) fails: \(error)", emulated, hostRemedy)
        }
    }

    private static let hostRemedy = Remedy.advice(
        "on the host: let this machine have guests (nested virtualisation)")

    private static func driverRemedy(_ machine: ExaminedMachine) -> Remedy {
        let flags = CPUInfo(machine).flags
        if flags.contains("vmx") { return machine.asRoot("modprobe kvm_intel") }
        if flags.contains("svm") { return machine.asRoot("modprobe kvm_amd") }
        return CPUInfo(machine).isVirtual
            ? hostRemedy : .advice("switch virtualisation (VT-x, SVM) on, in the firmware")
    }
}
