// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Anonymous memory that hogs hold and write to, in the whole machine.
///
/// The kernel can reclaim their pages only by swapping them out, so that there is no pressure without
/// swap. With `vm_bytes` over 100 % they hold more than fits, and whoever wants memory must make
/// room by direct reclaim: a tenth more is enough, and `swap=40%` holds what is then swapped out
/// with room to spare. Two hogs a CPU want more than kswapd, which is one thread a node and gets
/// its share of a CPU like each of them, can free: with one a CPU it does all the reclaim in half
/// of the slices.
package struct AnonPressure: PressureDescription {
    package static let name = "anon"
    package static let summary = "hogs that hold and write to more memory than the machine has free"
    package static let keys = Keys()
    package static let settings = keys.settings

    /// Its settings.
    package struct Keys: SettingGroup {
        let percent = SettingKey<Double>(
            "vm_bytes", .number(0.01...400), default: 110,
            help: "how much they hold in all, percent of MemAvailable; over 100 for pressure")
        let hogs = SettingKey<Int?>(
            "hogs", .count(1...1024), help: "how many; two a CPU without")
        let swap = SettingKey<String?>(
            "swap", .text,
            help: "a zram swap device of ours, \(SwapQuantity.allowed): 40% goes with "
                + "vm_bytes=110; the machine's own swap without")
        let hogCPUs = CommonSettings.hogCPUs
    }

    package let values: SettingValues
    package let percent: Double
    package let hogs: Int?
    package let swap: SwapQuantity?
    package let hogCPUs: CPUSet?

    package init(_ values: SettingValues) throws(PlumblineError) {
        let keys = Self.keys
        self.values = values
        percent = values[keys.percent]
        hogs = values[keys.hogs]
        hogCPUs = values[keys.hogCPUs]
        swap = try SwapQuantity(values[keys.swap], of: Self.name)
    }

    package var spelled: [String: String] {
        swap.map { [Self.keys.swap.name: "\($0)"] } ?? [:]
    }

    package func hogs(onCPUs cpus: Int) -> Int { hogs ?? 2 * max(1, cpus) }

    package var guestPrograms: Set<GuestProgram> { [.makeSwap] }

    /// The hogs hold a share of what is available, and their swap comes out of the rest.
    package var guestMemory: Int { 3 << 30 }
}
