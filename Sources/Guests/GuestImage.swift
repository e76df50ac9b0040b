// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Kernels
import Linux
import SystemPackage

/// A file that may be a kernel.
package enum GuestImage {
    /// Refuses a file that QEMU cannot start, and a kernel whose configuration is beside it and
    /// lacks an option that a guest needs.
    ///
    /// - Parameters:
    ///   - nodes: the guest's NUMA nodes.
    ///   - programs: what the guest's suite runs.
    package static func check(
        _ path: String, nodes: Int = 1, programs: Set<GuestProgram> = []
    ) throws(PlumblineError) {
        guard isKernel(try head(of: path)) else {
            throw .usage(
                "\(path) is not a kernel: expected a bzImage or an ELF file for x86-64",
                remedy: "give arch/x86/boot/bzImage of a built kernel")
        }
        guard let text = configuration(beside: path) else { return }
        let needed =
            neededOptions + (nodes > 1 ? neededByNodes : neededByMicroVM)
            + programs.map(\.kernelOption).sorted()
        let missing = missing(needed, in: text)
        guard missing.isEmpty else {
            throw .usage(
                "\(path) cannot run as a guest: its configuration lacks "
                    + missing.map { "CONFIG_\($0)" }.joined(separator: ", "),
                remedy: "build it with these, or use plumbline kernel build \(full(of: path))")
        }
    }

    /// The variant with all options that a guest can need.
    private static func full(of path: String) -> String {
        guard var variant = KernelImage(imageAt: path)?.variant else { return "6.12+full" }
        variant.isFull = true
        return variant.name
    }

    /// The first kibibyte.
    private static func head(of path: String) throws(PlumblineError) -> [UInt8] {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 16)
        defer { bytes.deallocate() }
        do {
            let file = try Descriptor.open(path)
            guard try file.facts().kind == .regular else {
                throw PlumblineError.usage(
                    "\(path) is not a regular file", remedy: "give a kernel's bzImage")
            }
            let count = try file.read(into: bytes, at: 0)
            return Array(bytes[..<count])
        } catch let error as PlumblineError {
            throw error
        } catch {
            let isVariant = (try? KernelVariant(path)) != nil
            throw .usage(
                "cannot read the kernel \(path): \(error)",
                remedy: isVariant
                    ? "run `plumbline kernel build \(path)`, which prints the path of the image"
                    : "give a kernel's bzImage")
        }
    }

    /// Whether a file with this head is a bzImage (`HdrS` at 0x202, Documentation/arch/x86/boot.rst)
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

    /// The options that every agent needs.
    static let neededOptions = [
        "64BIT", "BINFMT_ELF", "BLK_DEV_INITRD", "RD_GZIP", "DEVTMPFS", "PROC_FS", "SYSFS",
        "SERIAL_8250_CONSOLE", "VIRTIO_CONSOLE", "FUTEX", "EPOLL",
    ]
    private static let neededByMicroVM = ["VIRTIO_MMIO", "VIRTIO_MMIO_CMDLINE_DEVICES"]
    private static let neededByNodes = ["ACPI", "PCI", "VIRTIO_PCI", "NUMA"]

    /// The options that a configuration does not have built in.
    private static func missing(_ options: [String], in text: String) -> [String] {
        let lines = Set(text.split(separator: "\n"))
        return options.filter { !lines.contains("CONFIG_\($0)=y") }
    }
}
