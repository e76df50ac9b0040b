// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// A guest's directory for files: ext4 on the last RAM disk, if the initramfs has mkfs.ext4.
///
/// A tmpfs is not suitable: it has no cache to bypass by direct I/O, and its pages cannot be
/// reclaimed.
enum GuestData {
    private static let directory = "/data"
    private static let program = "/sbin/mkfs.ext4"

    /// Makes and mounts it.
    ///
    /// - Returns: its directory, or `/tmp` without a RAM disk or mkfs.ext4.
    static func make() -> String {
        let disks = ((try? SystemFile.list("/sys/block")) ?? []).filter { $0.hasPrefix("ram") }
        guard SystemFile.exists(program), let disk = disks.last else { return "/tmp" }
        let device = "/dev/\(disk)"
        // Unused tables are not written, neither now nor later by a kernel thread.
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
