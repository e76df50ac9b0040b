// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// Whether guests run at the hardware's speed.
enum GuestCheck {
    static let topic = Topic(.guests, "kvm", title: "KVM")
    private static let emulated =
        "guests are emulated: they are slow, and their figures hold for the emulator only"

    /// Judges how a guest of three instructions ended.
    ///
    /// Some KVMs run it but cannot boot an ordinary kernel.
    static func finding(_ machine: ExaminedMachine, _ outcome: TinyGuest.Outcome) -> Finding {
        switch outcome {
        case .ran:
            let drivers = machine.tree.list("/sys/module").filter { $0.hasPrefix("kvm_") }
            let name = drivers.isEmpty ? "" : " (\(drivers.joined(separator: ", ")))"
            return topic.limited(
                "answers\(name): a guest of three instructions ran",
                consequence: "some KVMs run this but cannot boot a kernel",
                fix: .advice("boot a guest with KVM to be sure"))
        case .hung:
            return topic.missing(
                "a guest of three instructions hangs", consequence: emulated, fix: hostRemedy)
        case .failed(.open, .noSuchFileOrDirectory):
            return topic.missing("no /dev/kvm", consequence: emulated, fix: driverRemedy(machine))
        case .failed(.open, .permissionDenied):
            return topic.missing(
                "this user may not open /dev/kvm", consequence: emulated,
                fix: .command("sudo usermod -aG kvm \"$USER\" && newgrp kvm"))
        case .failed(let step, let error):
            return topic.missing(
                "\(step.call) fails: \(error)", consequence: emulated, fix: hostRemedy)
        }
    }

    private static let hostRemedy = Remedy.advice(
        "on the host: enable nested virtualisation for this machine")

    private static func driverRemedy(_ machine: ExaminedMachine) -> Remedy {
        let flags = CPUInfo(machine).flags
        if flags.contains("vmx") { return machine.asRoot("modprobe kvm_intel") }
        if flags.contains("svm") { return machine.asRoot("modprobe kvm_amd") }
        return CPUInfo(machine).isVirtual
            ? hostRemedy : .advice("enable virtualisation (VT-x, SVM) in the firmware")
    }
}
