// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// Operations of a machine's first process.
public enum FirstProcess {
    /// The path of the first program in a guest's initramfs, by which the kernel starts it.
    public static let initPath = CSHIMS_GUEST_INIT

    /// Whether this process is the machine's (or a container's) first, and that program is there.
    ///
    /// `/proc` and `/sys` are mounted for it before `main`: Swift's runtime and libnuma need them.
    public static var isGuestInit: Bool { cshims_is_guest_init() }

    /// Writes back what is cached and restarts the machine, by `sync(2)` and `reboot(2)`.
    ///
    /// It ends a guest whose QEMU has `-no-reboot`, also without ACPI, which power-off needs.
    ///
    /// - Throws: `notPermitted` without the capability.
    public static func restart() throws(Errno) { try checked(cshims_restart_machine()) }

    /// Makes a directory this process's current one, by `chdir(2)`.
    ///
    /// - Throws: `noSuchFileOrDirectory` where there is none.
    public static func enter(_ directory: String) throws(Errno) {
        try checked(cshims_enter_directory(directory))
    }

    /// Sets an environment variable, by `setenv(3)`; only while there is one thread.
    public static func setEnvironment(_ name: String, _ value: String) throws(Errno) {
        try checked(cshims_set_environment(name, value))
    }
}
