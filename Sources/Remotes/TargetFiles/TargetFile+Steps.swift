// SPDX-License-Identifier: GPL-3.0-or-later

/// What is run so that a machine boots a kernel.
package struct BootSteps: Sendable, Equatable {
    /// Chooses the kernel of the next boot; nil where the reboot itself does.
    package var select: BootCommand?
    /// Has the machine go down.
    package var reboot: BootCommand
    /// Ends once the machine is ready; nil for nothing but an answer by ssh.
    package var wait: BootCommand?

    /// Whether nothing of it needs an answer of the machine.
    package var isAllHere: Bool { reboot.place == .here && select?.place != .machine }
}

extension TargetFile {
    /// The commands that boot a kernel. What the file gives takes the place of the way's own.
    package func steps(for kernel: BootKernel) -> BootSteps {
        BootSteps(
            select: select?.filled(for: kernel) ?? selection(of: kernel).map { BootCommand($0) },
            reboot: reboot?.filled(for: kernel) ?? BootCommand(rebooting),
            wait: wait?.filled(for: kernel))
    }

    /// The way's command line that chooses a kernel for the next boot only.
    ///
    /// - Source: grub-reboot(8); bootctl(1), set-oneshot; kexec(8).
    private func selection(of kernel: BootKernel) -> [String]? {
        switch way {
        case .grubReboot: return ["grub-reboot", kernel.entry ?? ""]
        case .systemdBoot: return ["bootctl", "set-oneshot", kernel.entry ?? ""]
        case .kexec:
            var words = ["kexec", "--load", kernel.image ?? ""]
            if let initrd = kernel.initrd { words.append("--initrd=\(initrd)") }
            words.append(kernel.append.map { "--append=\($0)" } ?? "--reuse-cmdline")
            return words
        case .commands: return nil
        }
    }

    /// The way's command that takes the choice of the next boot back; nil for the user's commands.
    ///
    /// - Source: grub-editenv(1), unset; bootctl(1), set-oneshot; kexec(8).
    package var deselection: BootCommand? {
        switch way {
        case .grubReboot: BootCommand(["grub-editenv", "-", "unset", "next_entry"])
        case .systemdBoot: BootCommand(["bootctl", "set-oneshot", ""])
        case .kexec: BootCommand(["kexec", "--unload"])
        case .commands: nil
        }
    }

    /// The way's command line that reboots; of kexec, the one that stops services and unmounts.
    private var rebooting: [String] {
        switch way {
        case .grubReboot, .commands: ["reboot"]
        case .systemdBoot: ["systemctl", "reboot"]
        case .kexec: ["systemctl", "kexec"]
        }
    }
}
