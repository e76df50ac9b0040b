// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Why a guest did not get as far as its agent's greeting, by what QEMU and the kernel said.
enum BootDiagnosis {
    /// What is wrong, and what to do about it.
    struct Cause: Sendable, Equatable {
        let message: String
        let remedy: String
    }

    private static let initramfs = "CONFIG_BLK_DEV_INITRD and CONFIG_RD_GZIP"

    /// The known ways, by a text that only one of them has; the first that fits is the cause.
    private static let known: [(sign: String, cause: Cause)] = [
        (
            "cannot set up guest memory",
            Cause(
                message: "this machine has too little memory for it",
                remedy: "give it less with --memory, or free some")
        ),
        (
            "Could not access KVM",
            Cause(message: "KVM cannot be used", remedy: "use --accelerator tcg")
        ),
        (
            "failed to initialize kvm",
            Cause(message: "KVM cannot be used", remedy: "use --accelerator tcg")
        ),
        (
            "plumbline: there is no virtio port",
            Cause(
                message: "its kernel has no virtio console",
                remedy: "build it with CONFIG_VIRTIO_CONSOLE, CONFIG_VIRTIO_MMIO and "
                    + "CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES")
        ),
        (
            "invalid kernel header",
            Cause(message: "its image is no kernel", remedy: "give a bzImage or a vmlinux")
        ),
        (
            "without PVH ELF Note",
            Cause(
                message: "its image is an ELF file that QEMU cannot start",
                remedy: "build it with CONFIG_PVH, or give the bzImage")
        ),
        (
            "could not load kernel",
            Cause(message: "its image cannot be read", remedy: "give a bzImage or a vmlinux")
        ),
        (
            "not configured",
            Cause(
                message: "its kernel cannot unpack the initramfs",
                remedy: "build it with \(initramfs)")
        ),
        (
            "Unable to mount root fs",
            Cause(
                message: "its kernel did not take the initramfs",
                remedy: "build it with \(initramfs)")
        ),
        (
            "Cannot open root device",
            Cause(
                message: "its kernel did not take the initramfs",
                remedy: "build it with \(initramfs)")
        ),
        (
            "/init (error -8)",
            Cause(
                message: "its kernel cannot run programs of 64-bit ELF",
                remedy: "build it with CONFIG_64BIT and CONFIG_BINFMT_ELF")
        ),
        (
            "No working init found",
            Cause(
                message: "its kernel found no program to start",
                remedy: "build it with \(initramfs), CONFIG_64BIT and CONFIG_BINFMT_ELF")
        ),
        (
            "plumbline: this kernel lacks ",
            Cause(
                message: "its kernel lacks a file system that the agent needs",
                remedy: "build it with CONFIG_PROC_FS, CONFIG_SYSFS and CONFIG_DEVTMPFS")
        ),
    ]

    /// The cause, if the lines tell a known one.
    static func cause(of lines: [String], first: [String]) -> Cause? {
        let all = first + lines
        // What QEMU says itself and the agent says is more telling than the panic it leads to.
        return known.first { entry in all.contains { $0.contains(entry.sign) } }?.cause
    }
}
