// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// The settings of a debug kernel's fault injection: once a task asks for failures, all kinds of
/// allocation may fail, and none is printed on the console.
enum FaultInjection {
    private static let attributes = [
        "failslab/ignore-gfp-wait": "N",
        "failslab/verbose": "0",
        "fail_page_alloc/ignore-gfp-wait": "N",
        "fail_page_alloc/ignore-gfp-highmem": "N",
        "fail_page_alloc/min-order": "0",
        "fail_page_alloc/verbose": "0",
    ]

    /// Whether this is a debug kernel.
    static var isAvailable: Bool { SystemFile.exists("/proc/self/fail-nth") }

    /// Writes the settings, where the kernel has them.
    static func prepare() {
        for (place, value) in attributes {
            try? SystemFile.write(value, to: "/sys/kernel/debug/\(place)")
        }
    }
}
