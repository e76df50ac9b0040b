// SPDX-License-Identifier: GPL-3.0-or-later

/// Which block devices we can make to do direct I/O on.
enum BlockDeviceCheck {
    /// A driver of the kernel that makes devices out of nothing.
    struct Driver: Sendable {
        let name: String
        /// What is there when the driver is; one of them is enough.
        let signs: [String]
        let module: String
        let option: String
        let consequence: String
        /// Whether its requests can complete in an interrupt.
        var completesInInterrupts = false
    }

    static let drivers = [
        Driver(
            name: "zram", signs: ["/sys/class/zram-control/hot_add"], module: "zram",
            option: "CONFIG_ZRAM",
            consequence: "storage=zram, the fastest here, and zram swap do not work"),
        Driver(
            name: "loop", signs: ["/dev/loop-control"], module: "loop",
            option: "CONFIG_BLK_DEV_LOOP", consequence: "storage=loop does not work"),
        Driver(
            name: "brd", signs: ["/dev/ram0"], module: "brd", option: "CONFIG_BLK_DEV_RAM",
            consequence: "storage=brd does not work; use zram"),
        Driver(
            name: "null_blk", signs: ["/sys/kernel/config/nullb", "/sys/module/null_blk"],
            module: "null_blk", option: "CONFIG_BLK_DEV_NULL_BLK and CONFIG_CONFIGFS_FS",
            consequence: "storage=null_blk does not work; use zram", completesInInterrupts: true),
    ]

    static func finding(_ machine: ExaminedMachine, _ driver: Driver) -> Finding {
        let topic = Topic(.io, driver.name)
        let isThere = driver.signs.contains { machine.tree.exists($0) }
        guard isThere || machine.canLoadModule(driver.module) else {
            return topic.missing(
                "not in this kernel", consequence: driver.consequence,
                fix: ExaminedMachine.otherKernel(with: driver.option))
        }
        let fact = isThere ? "in this kernel" : "a module, loaded when needed"
        guard machine.isRoot else {
            return topic.limited(
                "\(fact), but only root can use it", consequence: driver.consequence,
                fix: .advice("run plumbline as root: sudo plumbline run …"))
        }
        return topic.ok(fact)
    }
}
