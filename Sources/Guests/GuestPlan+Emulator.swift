// SPDX-License-Identifier: GPL-3.0-or-later

extension GuestPlan {
    /// Whether the machine is QEMU's microvm, which has no PCI, ACPI and NUMA.
    var isMicroVM: Bool { nodes == 1 }

    /// QEMU's command line without the program's name.
    ///
    /// The agent's protocol is on stdin and stdout, the kernel's console on stderr. With
    /// `-no-reboot`, QEMU ends when the guest restarts or panics.
    func arguments(initramfs: String) -> [String] {
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

    private var machineArguments: [String] {
        // Without ACPI the devices are on the command line, which every kernel can parse.
        isMicroVM
            ? ["-machine", "microvm,acpi=off", "-global", "virtio-mmio.force-legacy=false"]
            : ["-machine", "q35"]
    }

    private var processorArguments: [String] {
        // A node is a socket: CPUs that share a cache must not be on two nodes.
        let count = [
            "-smp",
            nodes > 1 ? "\(cpus),sockets=\(nodes),cores=\(cpus / nodes),threads=1" : "\(cpus)",
        ]
        // Five-level page tables crash some kernels, and string moves are emulated byte by byte.
        let emulated = ["-cpu", "max,la57=off,-erms,-fsrm"]
        switch (accelerator, metric) {
        case (.kvm, _): return ["-accel", "kvm", "-cpu", "host"] + count
        case (.tcg, .time), (.tcg, .pmu): return ["-accel", "tcg,thread=multi"] + emulated + count
        case (.tcg, .instructions):
            return [
                // Without -seed, RDRAND returns other numbers in each boot: what a boot varies
                // (addresses, hash keys, stack offsets) is to vary.
                "-accel", "tcg", "-icount", "shift=0,sleep=off",
                "-rtc", "base=2026-01-01,clock=vm",
            ] + emulated + count
        }
    }

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

    /// The guardian replaces `@scratchN@` by the path of the n-th drive's file. A drive ends with
    /// its guest, so that its content need not reach the host's disk. QEMU's threads read it, so that
    /// requests are in flight while the guest runs. With a queue for each CPU, as NVMe has, requests
    /// complete in the interrupt; with one queue blk-mq completes them in a softirq.
    private var driveArguments: [String] {
        drives.indices.flatMap { number in
            [
                "-drive",
                "if=none,id=drive\(number),format=raw,cache=unsafe,aio=threads,file=@scratch\(number)@",
                "-device",
                device("virtio-blk")
                    + ",drive=drive\(number),serial=plumbline\(number),num-queues=\(cpus)",
            ]
        }
    }

    private func device(_ name: String) -> String { "\(name)-\(isMicroVM ? "device" : "pci")" }
}
