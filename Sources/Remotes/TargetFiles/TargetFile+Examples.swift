// SPDX-License-Identifier: GPL-3.0-or-later

extension TargetFile.Way {
    /// A target file with comments, to begin from.
    package var example: String {
        "# A machine for `plumbline ab SUITE --on FILE`. Try it: `plumbline target check FILE`.\n"
            + "host: ssh://root@testbox\nboot: \(rawValue)\n\(kernels)"
    }

    private var kernels: String {
        switch self {
        case .grubReboot:
            """
            timeout: 5min          # from the reboot until ssh answers; this is the default
            kernels:
              stock:
                # The entry's title as in /boot/grub/grub.cfg, behind that of its submenu and >.
                entry: "Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux 6.1.0-18-amd64"
                expect: {release: 6.1.0-18-amd64}      # a boot of another kernel does not count
              patched:
                entry: "Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux 6.1.0-patched"
                expect: {release: 6.1.0-patched}

            """
        case .systemdBoot:
            """
            kernels:
              stock:
                entry: debian-6.1.0-18-amd64.conf      # an id that `bootctl list` shows
                expect: {release: 6.1.0-18-amd64}
              patched:
                entry: debian-6.1.0-patched.conf
                expect: {release: 6.1.0-patched}

            """
        case .kexec:
            """
            # Without systemd: reboot: [kexec, -e]
            kernels:
              stock:
                image: /boot/vmlinuz-6.1.0-18-amd64
                initrd: /boot/initrd.img-6.1.0-18-amd64
                expect: {release: 6.1.0-18-amd64}
              patched:
                image: /boot/vmlinuz-6.1.0-patched
                initrd: /boot/initrd.img-6.1.0-patched
                append: root=/dev/sda2 console=ttyS0   # default: the running kernel's
                expect: {release: 6.1.0-patched, command_line: [console=ttyS0]}

            """
        case .commands:
            """
            # A guest of libvirt. choose-kernel is a script of yours: it writes the guest's definition
            # with that kernel (`virsh define`), which holds from its next start on.
            where: here            # or machine, the default: on the machine itself
            select: [./choose-kernel, testbox, "{kernel}"]
            reboot: [sh, -c, "virsh destroy testbox && virsh start testbox"]
            # wait: {run: [systemctl, is-system-running, --wait], where: machine}
            kernels: [stock, patched]

            """
        }
    }
}
