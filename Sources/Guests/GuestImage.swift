// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Kernels
import Linux
import SystemPackage

/// A file that may be a kernel.
public enum GuestImage {
    /// Refuses a file that QEMU cannot start, and a kernel whose configuration lies beside it and
    /// lacks what a guest needs.
    ///
    /// - Throws: `usage`, with what is wrong.
    public static func check(_ path: String, nodes: Int = 1) throws(PlumblineError) {
        let head: [UInt8]
        do {
            let file = try Descriptor.open(path)
            guard try file.facts().kind == .regular else {
                throw PlumblineError.usage("\(path) is no file", remedy: "give a kernel's bzImage")
            }
            head = try start(of: file)
        } catch let error as PlumblineError {
            throw error
        } catch {
            let isVariant = (try? KernelVariant(path)) != nil
            throw .usage(
                "cannot read the kernel \(path): \(error)",
                remedy: isVariant
                    ? "`plumbline kernel build \(path)` builds it and prints its file"
                    : "give a kernel's bzImage")
        }
        guard isKernel(head) else {
            throw .usage(
                "\(path) is no kernel: it is neither a bzImage nor an ELF file for x86-64",
                remedy: "give arch/x86/boot/bzImage of a built kernel")
        }
        guard let text = configuration(beside: path) else { return }
        let missing = missingOptions(in: text, nodes: nodes)
        guard missing.isEmpty else {
            throw .usage(
                "\(path) cannot be a guest: its configuration lacks "
                    + missing.map { "CONFIG_\($0)" }.joined(separator: ", "),
                remedy: "build it with these, or with: plumbline kernel build")
        }
    }

    private static func start(of file: borrowing Descriptor) throws(Errno) -> [UInt8] {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 16)
        defer { bytes.deallocate() }
        let count = try file.read(into: bytes, at: 0)
        return Array(bytes[..<count])
    }

    /// Whether a file that begins so is a bzImage (`HdrS` at 0x202, Documentation/arch/x86/boot.rst)
    /// or a 64-bit little-endian ELF file for x86-64.
    static func isKernel(_ head: [UInt8]) -> Bool {
        if head.count >= 0x206, Array(head[0x202..<0x206]) == Array("HdrS".utf8) { return true }
        return head.count >= 20 && Array(head[0..<6]) == [0x7f, 0x45, 0x4c, 0x46, 2, 1]
            && head[18] == 0x3e && head[19] == 0
    }

    private static func configuration(beside path: String) -> String? {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        return ["config", ".config"].lazy.compactMap { try? SystemFile.read("\(directory)/\($0)") }
            .first
    }

    /// What the agent cannot do without.
    static let neededOptions = [
        "64BIT", "BINFMT_ELF", "BLK_DEV_INITRD", "RD_GZIP", "DEVTMPFS", "PROC_FS", "SYSFS",
        "SERIAL_8250_CONSOLE", "VIRTIO_CONSOLE", "FUTEX", "EPOLL",
    ]
    private static let neededByMicroVM = ["VIRTIO_MMIO", "VIRTIO_MMIO_CMDLINE_DEVICES"]
    private static let neededByNodes = ["ACPI", "PCI", "VIRTIO_PCI", "NUMA"]

    /// The needed options that a kernel's configuration does not have built in.
    static func missingOptions(in text: String, nodes: Int) -> [String] {
        let lines = Set(text.split(separator: "\n"))
        return (neededOptions + (nodes > 1 ? neededByNodes : neededByMicroVM)).filter {
            !lines.contains("CONFIG_\($0)=y")
        }
    }
}
