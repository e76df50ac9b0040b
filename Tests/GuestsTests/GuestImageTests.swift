// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import LabSupport
import Linux
import Testing

@testable import Guests

struct GuestImageTests {
    private func refusal(
        _ path: String, nodes: Int = 1, programs: Set<GuestProgram> = []
    ) -> PlumblineError? {
        do throws(PlumblineError) {
            try GuestImage.check(path, nodes: nodes, programs: programs)
            return nil
        } catch { return error }
    }

    private func bzImage(_ path: String) throws {
        var bytes = [UInt8](repeating: 0, count: 2048)
        bytes.replaceSubrange(0x202..<0x206, with: Array("HdrS".utf8))
        try Descriptor.open(path, [.write, .create]).writeAll(bytes)
    }

    @Test func whatIsNoKernelIsRefused() throws {
        try Scratch.with { directory in
            let text = "\(directory)/notes"
            try Descriptor.open(text, [.write, .create]).writeAll("no kernel")
            #expect(refusal(text)?.message.contains("is not a kernel") == true)
            #expect(refusal("\(directory)/none")?.kind == .usage)
            #expect(refusal(directory)?.message.contains("is not a regular file") == true)
            try bzImage("\(directory)/bzImage")
            #expect(refusal("\(directory)/bzImage") == nil)
        }
    }

    @Test func aConfigurationBesideTheImageNamesTheMissingOptions() throws {
        try Scratch.with { directory in
            let image = "\(directory)/bzImage"
            try bzImage(image)
            let all = GuestImage.neededOptions + ["VIRTIO_MMIO", "VIRTIO_MMIO_CMDLINE_DEVICES"]
            func configure(without left: Set<String>) throws {
                let lines = all.filter { !left.contains($0) }.map { "CONFIG_\($0)=y" }
                let text =
                    lines + left.sorted().map { "# CONFIG_\($0) is not set" } + ["CONFIG_EXT4_FS=m"]
                try Descriptor.open("\(directory)/config", [.write, .create, .truncate])
                    .writeAll(text.joined(separator: "\n"))
            }
            try configure(without: [])
            #expect(refusal(image) == nil)
            #expect(refusal(image, nodes: 2)?.message.contains("CONFIG_ACPI") == true)
            let storage = refusal(image, programs: [.makeXFS])
            #expect(storage?.message.hasSuffix("lacks CONFIG_XFS_FS") == true)
            #expect(storage?.remedy.contains("plumbline kernel build 6.12+full") == true)
            try configure(without: ["VIRTIO_CONSOLE", "BLK_DEV_INITRD"])
            #expect(
                refusal(image)?.message.hasSuffix(
                    "lacks CONFIG_BLK_DEV_INITRD, CONFIG_VIRTIO_CONSOLE") == true)
        }
    }

    @Test func withoutQEMUThePackageIsNamed() throws {
        #expect {
            _ = try GuestMaker(agent: "/a", environment: ["PATH": "/none", "HOME": "/root"])
        } throws: { error in
            (error as? PlumblineError)?.remedy == "apt-get install qemu-system-x86"
        }
    }
}
