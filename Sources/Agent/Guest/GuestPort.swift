// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// The virtio port of a guest that leads to the controller (drivers/char/virtio_console.c).
enum GuestPort {
    /// Opens the port of this name; waits up to 5 s for the driver to make it.
    ///
    /// - Throws: `failure`, naming the options that the kernel needs.
    static func open(named name: String) throws(PlumblineError) -> Descriptor {
        for _ in 0..<500 {
            if let path = path(of: name), let port = try? Descriptor.open(path, .readWrite) {
                return port
            }
            try? Clock.sleep(nanoseconds: 10_000_000)
        }
        throw .failure(
            "there is no virtio port '\(name)': this kernel needs CONFIG_VIRTIO_CONSOLE, and "
                + "CONFIG_VIRTIO_MMIO with CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES, or with NUMA "
                + "nodes CONFIG_VIRTIO_PCI")
    }

    private static func path(of name: String) -> String? {
        let ports = "/sys/class/virtio-ports"
        let port = ((try? SystemFile.list(ports)) ?? []).first { port in
            (try? SystemFile.read("\(ports)/\(port)/name")) == "\(name)\n"
        }
        return port.map { "/dev/\($0)" }
    }
}
