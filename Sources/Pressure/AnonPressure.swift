// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import Host
import Linux
import SystemPackage

/// Anonymous memory that hogs hold and write to, in the whole machine.
struct AnonPressure: PressureKind {
    static let name = "anon"
    static let summary = "hogs that hold and write to a share of the machine's memory"
    static let settings = [
        Setting(
            "vm_bytes", .number(0.01...400), default: 90,
            "how much they hold in all, percent of MemAvailable"),
        Setting(
            "hogs", .count(1...1024), default: nil, "how many; one a CPU unless told"),
        Setting(
            "swap", .size((1 << 20)...(1 << 46)), default: nil,
            "a zram swap device of ours of this size; absent for none"),
        Setting("hog_cpus", .cpus, default: nil, "CPUs that they may run on; any unless told"),
    ]

    private let values: SettingValues
    private let percent: Double
    private let swap: Int?

    init(_ values: SettingValues) throws(PlumblineError) {
        self.values = values
        percent = values.number("vm_bytes")
        swap = values.optionalInteger("swap")
    }

    var cellName: String { values.cellName(Self.name) }

    /// How many bytes the hogs take, page by page.
    func bytes(of budget: MemoryBudget) -> Int {
        Int(Double(budget.available) * percent / 100) / MappedMemory.pageSize
            * MappedMemory.pageSize
    }

    /// Refuses what would leave less than the reserve.
    ///
    /// A zram swap device gives back at least half of what it takes in: the hogs' pages compress
    /// to about a quarter.
    func check(_ budget: MemoryBudget, workloadBytes: Int) throws(PlumblineError) {
        let inMemory = bytes(of: budget) + workloadBytes
        try budget.check(
            max(0, inMemory - (swap ?? 0) / 2), for: "anon: vm_bytes=\(Decimal.fixed(percent, 1))%",
            remedy: "lower vm_bytes, or add zram swap with swap=")
    }

    func start(on host: PressureHost) throws(PlumblineError) -> any RunningPressure {
        let budget = try MemoryBudget.read()
        try check(budget, workloadBytes: host.workloadBytes)
        let changes = ChangeStack(host.ledger)
        do {
            return try start(on: host, bytes: bytes(of: budget), changes)
        } catch {
            changes.undoAll()
            throw error
        }
    }

    private func start(
        on host: PressureHost, bytes: Int, _ changes: ChangeStack
    ) throws(PlumblineError) -> any RunningPressure {
        if let swap { try ZramSwap.start(size: swap, changes: changes) }
        let cpus = try values.hogCPUs()
        let hogs = values.optionalInteger("hogs") ?? max(1, (try? CPUSet.allowed().count) ?? 1)
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
        return HogPressure(kind: Self.name, group: nil, crew: crew, changes: changes)
    }
}
