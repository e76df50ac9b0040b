// SPDX-License-Identifier: GPL-3.0-or-later

/// A kernel that a machine can boot, with what the way of booting needs to know of it.
package struct BootKernel: Sendable, Equatable {
    /// Its name in the file: what `{kernel}` stands for.
    package var name: String
    /// The entry of the boot menu.
    package var entry: String?
    /// For kexec, the path of the image on the machine.
    package var image: String?
    /// For kexec, the path of the initramfs on the machine; nil for none.
    package var initrd: String?
    /// For kexec, the kernel's command line; nil for the running kernel's.
    package var append: String?
    /// What the kernel must be once it runs.
    package var expected = ExpectedKernel()

    /// A kernel that is known by its name only.
    package init(name: String) { self.name = name }
}

/// What a kernel is expected to say of itself; what is nil or empty is not checked.
package struct ExpectedKernel: Sendable, Equatable {
    /// uname -r.
    package var release: String?
    /// The GNU build id in hexadecimal, or its first digits.
    package var buildID: String?
    /// A part of /proc/version.
    package var version: String?
    /// Words of /proc/cmdline.
    package var commandLine: [String] = []

    /// Nothing is expected.
    package init() {}
}
