// SPDX-License-Identifier: GPL-3.0-or-later

extension GuestPlan {
    /// Stands for the path of drive n's file, which the guardian opens.
    static func driveToken(_ number: Int) -> String { "@scratch\(number)@" }

    /// Whether the machine is QEMU's microvm, which has neither PCI nor ACPI, and no NUMA.
    public var isMicroVM: Bool { nodes == 1 }

    /// QEMU's command line without the program's name.
    ///
    /// The agent's protocol is on stdin and stdout, the kernel's console on stderr. With
    /// `-no-reboot` a guest that restarts or panics ends QEMU.
    public func arguments(initramfs: String) -> [String] {
        ["-name", "plumbline,debug-threads=on"]
            + machineArguments + processorArguments + memoryArguments
            + [
                "-nodefaults", "-no-user-config", "-display", "none", "-monitor", "none",
                "-no-reboot", "-kernel", image, "-initrd", initramfs,
                "-append", kernelCommandLine, "-chardev",
                "file,id=console,path=/dev/stderr,append=on",
                "-serial", "chardev:console", "-chardev", "stdio,id=agent,signal=off",
                "-device", device("virtio-serial"),
                "-device", "virtserialport,chardev=agent,name=plumbline",
            ] + driveArguments
    }

    /// The kernel's command line.
    public var kernelCommandLine: String {
        var words = ["console=ttyS0", "reboot=t", "panic=-1", "random.trust_cpu=on"]
        // Else an emulated guest leaves `tsc` for a slower clock within seconds.
        if accelerator == .tcg { words.append("tsc=reliable") }
        // A guest that counts its ticks against another clock, while the host is busy, miscounts.
        switch (accelerator, lens) {
        case (.kvm, _): break
        case (.tcg, .wall): words += timestampKilohertz.map { ["tsc_early_khz=\($0)"] } ?? []
        case (.tcg, .instructions): words += ["tsc_early_khz=1000000", "nokaslr", "norandmaps"]
        }
        words += [
            // RAM disks take memory only for what is written; the agent has the last one.
            "brd.rd_nr=5", "brd.rd_size=\(memory >> 10)", "brd.max_part=0",
            "null_blk.nr_devices=0",
        ]
        if counters { words.append("plumbline.counters") }
        return (words + kernelArguments).joined(separator: " ")
    }

    private var machineArguments: [String] {
        // Without ACPI the devices are on the command line, which any kernel can read.
        isMicroVM
            ? [
                "-machine", "microvm,acpi=off", "-global", "virtio-mmio.force-legacy=false",
            ]
            : ["-machine", "q35"]
    }

    private var processorArguments: [String] {
        // A node is a socket: processors that share a cache must not be on two nodes.
        let count = [
            "-smp",
            nodes > 1 ? "\(cpus),sockets=\(nodes),cores=\(cpus / nodes),threads=1" : "\(cpus)",
        ]
        switch (accelerator, lens) {
        case (.kvm, _): return ["-accel", "kvm", "-cpu", "host"] + count
        case (.tcg, .wall):
            return ["-accel", "tcg,thread=multi", "-cpu", Self.emulatedProcessor] + count
        case (.tcg, .instructions):
            return [
                "-accel", "tcg", "-icount", "shift=0,sleep=off",
                // RDRAND too gives the same numbers in each boot.
                "-seed", "1", "-rtc", "base=2026-01-01,clock=vm", "-cpu", Self.emulatedProcessor,
            ] + count
        }
    }

    /// Five-level page tables crash some kernels, and string moves are emulated byte by byte.
    private static let emulatedProcessor = "max,la57=off,-erms,-fsrm"

    private var memoryArguments: [String] {
        let mebibytes = memory >> 20
        guard nodes > 1 else { return ["-m", "\(mebibytes)M"] }
        return ["-m", "\(mebibytes)M"]
            + (0..<nodes).flatMap { node -> [String] in
                let first = cpus * node / nodes
                let last = cpus * (node + 1) / nodes - 1
                return [
                    "-object", "memory-backend-ram,id=memory\(node),size=\(mebibytes / nodes)M",
                    "-numa", "node,nodeid=\(node),cpus=\(first)-\(last),memdev=memory\(node)",
                ]
            }
    }

    /// Nothing of a drive outlives its guest, so nothing need reach the host's disk.
    private var driveArguments: [String] {
        drives.indices.flatMap { number in
            [
                "-drive",
                "if=none,id=drive\(number),format=raw,cache=unsafe,file="
                    + Self.driveToken(number),
                "-device", device("virtio-blk") + ",drive=drive\(number),serial=plumbline\(number)",
            ]
        }
    }

    private func device(_ name: String) -> String { "\(name)-\(isMicroVM ? "device" : "pci")" }
}
