// SPDX-License-Identifier: GPL-3.0-or-later

/// Why a guest does not boot, by the output of QEMU and of the kernel.
struct BootDiagnosis: Sendable, Equatable {
    /// A text of the output that only this cause has.
    let sign: String
    let message: String
    let remedy: String

    private static let initramfs = "CONFIG_BLK_DEV_INITRD and CONFIG_RD_GZIP"
    private static let noInitramfs = "its kernel did not unpack the initramfs"
    private static let noKVM = ("KVM does not work", "use --accelerator tcg")

    /// The known causes; of several that fit, the first one counts.
    private static let known = [
        (
            "cannot set up guest memory", "this machine has too little memory for it",
            "use less with --memory, or free some"
        ),
        ("Could not access KVM", noKVM.0, noKVM.1),
        ("failed to initialize kvm", noKVM.0, noKVM.1),
        (
            "plumbline: there is no virtio port", "its kernel has no virtio console",
            "build it with CONFIG_VIRTIO_CONSOLE, CONFIG_VIRTIO_MMIO and "
                + "CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES"
        ),
        ("invalid kernel header", "its image is not a kernel", "give a bzImage or a vmlinux"),
        (
            "without PVH ELF Note", "its image is an ELF file that QEMU cannot start",
            "build it with CONFIG_PVH, or give the bzImage"
        ),
        (
            "could not open kernel file", "its image is gone",
            "put it back, as each round boots it again, and continue with --resume"
        ),
        (
            "error reading initrd", "its initramfs is gone from the cache",
            "continue with --resume, which makes it anew"
        ),
        (
            "cannot make a drive of", "there is no room for its drive",
            "free some, or give a directory with more by --drive-directory"
        ),
        ("could not load kernel", "QEMU cannot read its image", "give a bzImage or a vmlinux"),
        ("not configured", noInitramfs, "build it with \(initramfs)"),
        ("Unable to mount root fs", noInitramfs, "build it with \(initramfs)"),
        ("Cannot open root device", noInitramfs, "build it with \(initramfs)"),
        (
            "/init (error -8)", "its kernel cannot run 64-bit ELF programs",
            "build it with CONFIG_64BIT and CONFIG_BINFMT_ELF"
        ),
        (
            "No working init found", "its kernel found no init program",
            "build it with \(initramfs), CONFIG_64BIT and CONFIG_BINFMT_ELF"
        ),
        (
            "plumbline: this kernel lacks ", "its kernel lacks a file system that the agent needs",
            "build it with CONFIG_PROC_FS, CONFIG_SYSFS and CONFIG_DEVTMPFS"
        ),
    ].map { BootDiagnosis(sign: $0.0, message: $0.1, remedy: $0.2) }

    /// The known cause in the lines of an output. QEMU's and the agent's own messages count before
    /// the panic that follows them.
    static func cause(of lines: [String]) -> BootDiagnosis? {
        known.first { cause in lines.contains { $0.contains(cause.sign) } }
    }
}
