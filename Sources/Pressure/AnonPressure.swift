// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// Anonymous memory that hogs hold and write to, in the whole machine.
///
/// The kernel can reclaim their pages only by swapping them out, so that there is no pressure without
/// swap. With `vm_bytes` over 100 % they hold more than fits, and whoever wants memory must make
/// room by direct reclaim: a tenth more is enough, and `swap=40%` holds what is then swapped out
/// with room to spare. Two hogs a CPU want more than kswapd, which is one thread a node and gets
/// its share of a CPU like each of them, can free: with one a CPU it does all the reclaim in half
/// of the slices.
struct AnonPressure: PressureKind {
    static let name = "anon"
    static let summary = "hogs that hold and write to more memory than the machine has free"
    static let settings = [
        Setting(
            "vm_bytes", .number(0.01...400), default: 110,
            "how much they hold in all, percent of MemAvailable; over 100 for pressure"),
        Setting(
            "hogs", .count(1...1024), default: nil, "how many; two a CPU unless told"),
        Setting(
            "swap", .text, default: nil,
            "a zram swap device of ours, \(SwapQuantity.allowed): 40% goes with vm_bytes=110; "
                + "absent for the machine's own swap"),
        Setting("hog_cpus", .cpus, default: nil, "CPUs that they may run on; any unless told"),
    ]

    private let values: SettingValues
    private let percent: Double
    private let swap: SwapQuantity?

    init(_ values: SettingValues) throws(PlumblineError) {
        self.values = values
        percent = values.number("vm_bytes")
        swap = try values.optionalText("swap").map { (text) throws(PlumblineError) in
            guard let quantity = SwapQuantity(text) else {
                throw .usage(
                    "\(Self.name): swap cannot be '\(text)'",
                    remedy: "swap takes \(SwapQuantity.allowed)")
            }
            return quantity
        }
    }

    var cellName: String {
        values.cellName(Self.name, spelled: swap.map { ["swap": "\($0)"] } ?? [:])
    }

    /// How many bytes the hogs take, page by page.
    func bytes(of budget: MemoryBudget) -> Int {
        Int(Double(budget.available) * percent / 100) / MappedMemory.pageSize
            * MappedMemory.pageSize
    }

    /// Refuses what cannot be pressure, and what would leave less than the reserve.
    ///
    /// The reserve is what must be left when all is swapped out that can be: below that the kernel
    /// would have to kill. What is free at the moment is less, or there would be no reclaim.
    ///
    /// - Parameter room: what the machine's own swap can still take.
    func check(
        _ budget: MemoryBudget, room: SwapRoom, workloadBytes: Int
    ) throws(PlumblineError) {
        var room = room
        room.compressed += swap?.bytes(ofTotal: budget.total) ?? 0
        guard !room.isEmpty else {
            throw .usage(
                "anon: without swap the kernel cannot reclaim what the hogs hold, and they must "
                    + "leave it the reserve: that is never pressure",
                remedy: "add swap=40% (a zram swap device of ours) with vm_bytes=110")
        }
        try budget.check(
            room.leastInMemory(of: bytes(of: budget)) + workloadBytes,
            for: "anon: vm_bytes=\(Decimal.fixed(percent, 1))% beside swap",
            remedy: "lower vm_bytes, or add zram swap with a larger swap=")
    }

    func start(on host: PressureHost) throws(PlumblineError) -> any RunningPressure {
        let cpus = try values.hogCPUs()
        let budget = try MemoryBudget.read()
        try check(budget, room: .read(), workloadBytes: host.workloadBytes)
        let changes = host.changes()
        do {
            if let swap {
                try Zram.startSwap(size: swap.bytes(ofTotal: budget.total), changes: changes)
            }
            return try start(on: host, bytes: bytes(of: budget), cpus: cpus, changes)
        } catch {
            changes.undoAll()
            throw error
        }
    }

    private func start(
        on host: PressureHost, bytes: Int, cpus: CPUSet?, _ changes: ChangeStack
    ) throws(PlumblineError) -> any RunningPressure {
        let hogs =
            values.optionalInteger("hogs") ?? 2 * max(1, (try? CPUSet.allowed().count) ?? 1)
        let each = max(MappedMemory.pageSize, bytes / hogs)
        let crew = try HogCrew(hogs, kind: Self.name, cpus: cpus, changes: changes) {
            (report) throws(Errno) in
            try Churn.dirtyForever(bytes: each, report: report)
        }
        let isOn = try host.wait(seconds: 300) { () throws(PlumblineError) in
            try crew.checkAlive()
            return crew.isReady
        }
        guard isOn else {
            throw .failure(
                "anon: the hogs did not fill \(ByteSize(bytes)) in five minutes",
                remedy: "lower vm_bytes")
        }
        return HogPressure(kind: Self.name, group: nil, crew: crew, on: host, changes: changes)
    }
}
