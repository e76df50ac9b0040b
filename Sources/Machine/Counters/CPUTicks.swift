// SPDX-License-Identifier: GPL-3.0-or-later

/// What all CPUs together did since boot, in ticks of 1/100 s: the `cpu` line of `/proc/stat`
/// (proc_stat(5)).
struct CPUTicks: Equatable {
    /// In user space or the kernel, interrupts included; guests are in user space.
    var busy: Int64
    /// With nothing to do.
    var idle: Int64
    /// With nothing to do but wait for a disk.
    var iowait: Int64
    /// Taken by the hypervisor; nil on a kernel that does not tell.
    var steal: Int64?

    /// Reads the first line; nil when it is something else.
    init?(_ bytes: [UInt8]) {
        let line = bytes.prefix { $0 != 0x0a }
        let words = String(decoding: line, as: UTF8.self).split(separator: " ")
        let values = words.dropFirst().compactMap { Int64($0) }
        guard words.first == "cpu", values.count >= 7 else { return nil }
        // user nice system idle iowait irq softirq steal guest guest_nice
        busy = values[0] + values[1] + values[2] + values[5] + values[6]
        idle = values[3]
        iowait = values[4]
        steal = values.count > 7 ? values[7] : nil
    }

    /// What happened since an earlier moment, by the record's names.
    func changes(since before: CPUTicks) -> [String: Int64] {
        var result = [
            "busy": busy - before.busy, "idle": idle - before.idle,
            "iowait": iowait - before.iowait,
        ]
        if let steal, let old = before.steal { result["steal"] = steal - old }
        return result
    }
}
