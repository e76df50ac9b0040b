// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// A guest's own place for files: ext4 on the last RAM disk, where the initramfs has mkfs.ext4.
///
/// A tmpfs would not do: direct I/O goes past no cache there, and nothing of it can be reclaimed.
enum GuestData {
    private static let directory = "/data"
    private static let program = "/sbin/mkfs.ext4"

    /// Makes and mounts it.
    ///
    /// - Returns: its directory, or `/tmp` where it cannot be had.
    static func make() -> String {
        let disks = ((try? SystemFile.list("/sys/block")) ?? []).filter { $0.hasPrefix("ram") }
        guard SystemFile.exists(program), let disk = disks.last else { return "/tmp" }
        let device = "/dev/\(disk)"
        // Nothing is written that is not used, and no kernel thread does so later.
        let made = try? Command.run(
            [
                program, "-q", "-F", "-m", "0", "-E",
                "nodiscard,lazy_itable_init=1,lazy_journal_init=1", device,
            ], timeoutMilliseconds: 30_000)
        guard made?.succeeded == true else {
            GuestInit.say("mkfs.ext4 \(device) failed: \(made?.output ?? "it does not start")")
            return "/tmp"
        }
        do {
            try? SystemFile.makeDirectory(directory)
            try Mount.mount(device, on: directory, type: "ext4", options: "noinit_itable")
            return directory
        } catch {
            GuestInit.say("cannot mount ext4 from \(device): \(error)")
            return "/tmp"
        }
    }
}
