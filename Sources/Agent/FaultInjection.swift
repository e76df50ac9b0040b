// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// What a debug kernel's fault injection is told when a guest starts: to spare no kind of
/// allocation once a task asks for failures, and not to fill the console with each.
enum FaultInjection {
    private static let attributes = [
        "failslab/ignore-gfp-wait": "N",
        "failslab/verbose": "0",
        "fail_page_alloc/ignore-gfp-wait": "N",
        "fail_page_alloc/ignore-gfp-highmem": "N",
        "fail_page_alloc/min-order": "0",
        "fail_page_alloc/verbose": "0",
    ]

    /// Whether the kernel is one that looks for its own mistakes, which is slow at everything.
    static var isThere: Bool { SystemFile.exists("/proc/self/fail-nth") }

    /// Tells it, where the kernel has it.
    static func prepare() {
        for (place, value) in attributes {
            try? SystemFile.write(value, to: "/sys/kernel/debug/\(place)")
        }
    }
}
