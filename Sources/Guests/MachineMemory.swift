// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Machine

/// Whether this machine has the memory for guests that run at the same time.
public enum MachineMemory {
    /// What QEMU takes beside a guest's memory, in bytes: its own code and data, and what the
    /// emulator translated.
    static func overhead(_ plan: GuestPlan) -> Int {
        plan.accelerator == .tcg ? 192 << 20 : 64 << 20
    }

    /// Refuses guests that would not all fit.
    ///
    /// - Throws: `usage`, with what they need and what there is.
    public static func check(
        _ plans: [GuestPlan], budget: MemoryBudget
    ) throws(PlumblineError) {
        let bytes = plans.reduce(0) { $0 + $1.memory + overhead($1) }
        let what =
            plans.count == 1
            ? "a guest of \(ByteSize(plans[0].memory))" : "running \(plans.count) guests at a time"
        try budget.check(bytes, for: what, remedy: "lower --memory")
    }
}
