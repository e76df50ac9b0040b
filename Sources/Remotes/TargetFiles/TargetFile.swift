// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A machine that boots one of several kernels at a time, as a target file describes it.
package struct TargetFile: Sendable, Equatable {
    /// The ways to have a machine boot a kernel. Each way chooses the kernel of the next boot only,
    /// so that a machine that crashes returns to its default kernel.
    package enum Way: String, CaseIterable, Sendable {
        /// GRUB's entry of the next boot.
        case grubReboot = "grub-reboot"
        /// The entry of the next boot of systemd-boot.
        case systemdBoot = "systemd-boot"
        /// The running kernel starts the next one.
        case kexec
        /// Commands of the user's own.
        case commands
    }

    /// The longest time that a boot may take.
    package static let longestTimeout = Duration.seconds(7200)

    /// The file's path, for errors.
    package var place: String
    /// The machine.
    package var host: SSHAddress
    /// How it is made to boot a kernel.
    package var way: Way
    /// The user's command that chooses the kernel of the next boot; nil for the way's own.
    package var select: BootCommand?
    /// The user's command that reboots the machine; nil for the way's own.
    package var reboot: BootCommand?
    /// The user's command that ends once the machine is ready; nil for none.
    package var wait: BootCommand?
    /// From the command that reboots until ssh answers from the new boot, at most.
    package var timeout: Duration
    /// The kernels, in the order of the file.
    package var kernels: [BootKernel]

    /// A kernel by its name.
    ///
    /// - Throws: `usage` when the file has none of that name.
    package func kernel(named name: String) throws(PlumblineError) -> BootKernel {
        guard let kernel = kernels.first(where: { $0.name == name }) else {
            throw PlumblineError.unknown("kernel", name, among: kernels.map(\.name)).at(place)
        }
        return kernel
    }
}
