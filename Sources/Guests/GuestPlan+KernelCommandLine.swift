// SPDX-License-Identifier: GPL-3.0-or-later

extension GuestPlan {
    /// The kernel's command line.
    var kernelCommandLine: String {
        var words = ["console=ttyS0", "reboot=t", "panic=-1", "random.trust_cpu=on"]
        // Without the first, an emulated guest changes from the TSC to a slower clock within seconds.
        // Without the second, its kernel panics on a busy host, whose timer seems not to tick. A
        // guest of KVM does both by itself.
        if accelerator == .tcg { words += ["tsc=reliable", "no_timer_check"] }
        // A guest that calibrates its TSC on a busy host gets a wrong rate.
        switch (accelerator, metric) {
        case (.kvm, _): break
        case (.tcg, .time), (.tcg, .pmu):
            words += timestampKilohertz.map { ["tsc_early_khz=\($0)"] } ?? []
        case (.tcg, .instructions): words.append("tsc_early_khz=1000000")
        }
        words += [
            // RAM disks take memory only for what is written; the last one is the agent's.
            "brd.rd_nr=5", "brd.rd_size=\(memory >> 10)", "brd.max_part=0",
            "null_blk.nr_devices=0",
        ]
        if counters { words.append("plumbline.counters") }
        return (words + kernelArguments).joined(separator: " ")
    }
}
