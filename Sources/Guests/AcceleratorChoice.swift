// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import SystemPackage

/// Who carries out a guest's instructions, and why not KVM.
public struct AcceleratorChoice: Sendable, Equatable {
    /// What was chosen.
    public var accelerator: Accelerator
    /// Why KVM was not; nil where it was, or where nobody asked.
    public var reason: String?

    /// A choice.
    public init(_ accelerator: Accelerator, because reason: String? = nil) {
        self.accelerator = accelerator
        self.reason = reason
    }
}
