// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Protocol

/// What a claim's set-up says of the machine, of the machine that was measured.
package struct ClaimMachine: Sendable, Equatable {
    package var architecture: String
    package var cpus: Int
    package var platform: ClaimSetUp.Platform
    /// `uname -r`.
    package var kernel: String

    /// A machine of these facts.
    package init(
        architecture: String, cpus: Int, platform: ClaimSetUp.Platform, kernel: String
    ) {
        self.architecture = architecture
        self.cpus = cpus
        self.platform = platform
        self.kernel = kernel
    }

    /// The machine that an agent greeted from.
    ///
    /// - Parameter guest: the guest that it is; nil for a machine that we did not boot.
    package init(_ host: Hello, guest: GuestRecord?) {
        // QEMU calls its emulated CPU so.
        let saysEmulated = host.cpuModel?.contains("TCG") ?? false
        let isEmulated = guest.map { $0.accelerator == "tcg" } ?? saysEmulated
        self.init(
            architecture: host.machine, cpus: guest?.cpus ?? host.cpus,
            platform: isEmulated ? .emulated : guest == nil ? .hardware : .virtual,
            kernel: host.kernelRelease)
    }
}
