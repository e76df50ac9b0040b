// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Linux

/// A guest that ssh reaches on loopback and that has two kernels of Debian: emulated, with the
/// machine's own sshd, kexec and busybox in an initramfs. It is a machine of the user's to us.
package final class RebootGuest {
    /// Kept between tests and runs: packages are large.
    static let cache = "/var/tmp/plumbline-debian-kernels"
    private static let programs = [
        "/usr/bin/qemu-system-x86_64", "/usr/sbin/sshd", "/usr/bin/ssh-keygen", "/sbin/kexec",
        "/bin/busybox", "/usr/bin/cpio", "/sbin/modprobe", "/usr/bin/apt-get",
    ]

    /// The agent that is copied to the guest: the static one of a release build, or the tests' own.
    package static let agent =
        ProcessInfo.processInfo.environment["PLUMBLINE_AGENT"] ?? Built.agent

    /// The part that is missing here; nil where the guest can be made.
    package static let missing: String? = {
        let environment = ProcessInfo.processInfo.environment
        guard environment["PLUMBLINE_LAB"] == "1" || environment["PLUMBLINE_FAULTS"] == "1" else {
            return "boots kernels, which takes minutes: run `make lab-test`"
        }
        if let program = programs.first(where: { !SystemFile.exists($0) }) {
            return "\(program) is missing: run `make setup`"
        }
        return kernels.count < 2 ? "two kernels of Debian cannot be downloaded" : nil
    }()

    /// The releases of two kernels, downloaded once.
    package static let kernels: [String] = {
        let script = """
            mkdir -p '\(cache)' && cd '\(cache)' || exit
            if [ "$(ls -d */boot/vmlinuz-* 2>/dev/null | wc -l)" -lt 2 ]; then
              names=$(apt-cache pkgnames linux-image-6 |
                grep -E '^linux-image-[0-9.]+-[0-9]+-cloud-amd64$' | sort -V | tail -2)
              for name in $names; do
                apt-get download "$name" && dpkg-deb -x "$name"_*.deb "$name" && rm -f "$name"_*.deb
              done >&2
            fi
            for image in */boot/vmlinuz-*; do echo "${image##*/vmlinuz-}"; done
            """
        guard
            let result = try? Command.run(
                ["sh", "-c", script + " 2>/dev/null"], timeoutMilliseconds: 300_000)
        else { return [] }
        return Array(
            result.output.split(separator: "\n").map(String.init).filter { $0.hasSuffix("amd64") }
                .suffix(2))
    }()

    /// A busy host misleads the calibration of the guest's clock, which then runs at another rate.
    static let commandLine =
        "console=ttyS0 tsc=reliable no_timer_check "
        + (FastClock.timestampKilohertz().map { "tsc_early_khz=\($0) " } ?? "") + "panic=-1"

    /// Where its files are.
    package let scratch: Scratch
    /// Where its sshd is reached, on 127.0.0.1.
    package let port = Int.random(in: 20_000...60_000)

    /// Makes its keys, its initramfs and its disk; it does not run yet.
    package init() throws {
        scratch = try Scratch()
        let words = ["make", scratch.path, Self.cache, Self.agent] + Self.kernels
        let result = try Command.run(
            ["bash", "-euc", Self.making] + words, timeoutMilliseconds: 120_000)
        guard result.succeeded else { throw PlumblineError.failure(result.output) }
        try Descriptor.open(restart, [.write, .create, .exclusive], mode: 0o755).writeAll(
            Self.restarting(directory: scratch.path, port: port))
        try Descriptor.open(configuration, [.write, .create, .exclusive], mode: 0o600).writeAll(
            """
            Host *
              User root
              IdentityFile \(scratch.path)/key
              IdentitiesOnly yes
              StrictHostKeyChecking no
              UserKnownHostsFile /dev/null
              GlobalKnownHostsFile /dev/null

            """)
    }

    deinit {
        let pid = "\(scratch.path)/pid"
        if let text = try? SystemFile.read(pid),
            let id = Int32(text.trimmingPrefix(" ").prefix { $0.isNumber })
        {
            _ = try? Command.run(["kill", "-9", "\(id)"])
        }
        _ = try? Command.run(["rm", "-rf", scratch.path])
    }

    /// A program that (re)starts the guest with a kernel, as libvirt would.
    package var restart: String { "\(scratch.path)/restart" }
    /// The configuration for ssh.
    package var configuration: String { "\(scratch.path)/ssh_config" }
    /// What the guest's kernel wrote.
    package var console: String { (try? SystemFile.read("\(scratch.path)/console")) ?? "" }

    /// Starts it, and waits until its sshd runs.
    package func start(_ kernel: String) throws {
        let result = try Command.run([restart, kernel], timeoutMilliseconds: 60_000)
        guard result.succeeded else { throw PlumblineError.failure(result.output) }
        for _ in 0..<1800 where !console.contains("plumbline-guest-is-up") {
            try Clock.sleep(nanoseconds: 100_000_000)
        }
        guard console.contains("plumbline-guest-is-up") else {
            throw PlumblineError.failure("the guest is not up: \(console.suffix(3000))")
        }
    }

    /// Runs a program in it, and returns what it printed. ssh itself prints nothing but errors.
    package func ssh(_ words: String...) throws -> String {
        let command =
            ["ssh", "-o", "LogLevel=ERROR", "-F", configuration, "-p", "\(port)", "127.0.0.1"]
            + words
        return try Command.run(command, timeoutMilliseconds: 60_000).output
    }

    /// A target file for it.
    package func file(_ text: String) throws -> String {
        let path = "\(scratch.path)/target-\(UInt32.random(in: 0 ... .max)).yaml"
        try Descriptor.open(path, [.write, .create, .exclusive]).writeAll(
            "host: ssh://127.0.0.1:\(port)\ntimeout: 4min\n\(text)\n")
        return path
    }

    private static func restarting(directory: String, port: Int) -> String {
        """
        #!/bin/sh
        cd '\(directory)' || exit
        if [ -s pid ]; then
          kill -9 "$(cat pid)"
          while kill -0 "$(cat pid)" 2>/dev/null; do sleep 0.1; done
          rm -f pid
        fi
        exec qemu-system-x86_64 -accel tcg -cpu max -m 768 -smp 1 -nodefaults -display none \\
          -serial file:console -netdev user,id=n,restrict=on,hostfwd=tcp:127.0.0.1:\(port)-:22 \\
          -device virtio-net-pci,netdev=n,romfile= -drive file=boot.tar,if=virtio,format=raw \\
          -kernel "boot/vmlinuz-$1" -initrd boot/initrd -pidfile pid -daemonize \\
          -append '\(commandLine)'

        """
    }

    /// Takes the directory, the packages' directory, the agent whose libraries the guest gets, and
    /// two releases. One initramfs fits both kernels; a disk holds the images as an archive, for
    /// kexec.
    private static let making = #"""
        dir=$1 cache=$2 agent=$3
        shift 3
        root=$dir/root
        mkdir -p "$root"/{bin,sbin,usr/sbin,usr/bin,etc/ssh,root,proc,sys,dev,tmp,run,boot,modules,lib,lib64} "$dir/boot"
        ssh-keygen -q -t ed25519 -N '' -f "$dir/key"
        ssh-keygen -q -t ed25519 -N '' -f "$root/etc/ssh/host"
        cp "$dir/key.pub" "$root/etc/ssh/authorized_keys"
        echo 'root:*:0:0:root:/root:/bin/sh
        sshd:*:100:100::/run/sshd:/bin/false' | sed 's/^ *//' >"$root/etc/passwd"
        echo 'root:*:0:
        sshd:*:100:' | sed 's/^ *//' >"$root/etc/group"
        printf '%s\n' 'HostKey /etc/ssh/host' 'AuthorizedKeysFile /etc/ssh/authorized_keys' \
          'UsePAM no' 'StrictModes no' 'UseDNS no' 'PidFile none' 'PermitRootLogin yes' \
          'SetEnv PATH=/bin:/sbin:/usr/bin:/usr/sbin' >"$root/etc/ssh/sshd_config"
        for program in /bin/busybox /usr/sbin/sshd /sbin/kexec; do cp "$program" "$root$program"; done
        for program in /usr/sbin/sshd /sbin/kexec "$agent"; do
          { ldd "$program" 2>&1 || true; } | { grep -o '/[^ ]*' || true; } | while read -r file; do
            mkdir -p "$root${file%/*}"
            cp -Ln "$file" "$root$file"
          done
        done
        for release in "$@"; do
          package=$(ls -d "$cache"/*/lib/modules/"$release")
          base=${package%/lib/modules/*}
          [ -e "$package/modules.dep" ] || /sbin/depmod -b "$base" "$release"
          for module in virtio_pci virtio_blk virtio_net; do
            /sbin/modprobe -S "$release" -d "$base" --show-depends "$module"
          done | grep ^insmod | cut -d' ' -f2 | awk '!seen[$0]++' | while read -r file; do
            mkdir -p "$root/modules/files/$release"
            cp "$file" "$root/modules/files/$release/"
            echo "/modules/files/$release/${file##*/}"
          done >"$root/modules/$release"
          cp "$base/boot/vmlinuz-$release" "$dir/boot/"
        done
        cat >"$root/init" <<'INIT'
        #!/bin/busybox sh
        /bin/busybox --install -s /bin
        mount -t proc proc /proc
        mount -t sysfs sysfs /sys
        mount -t devtmpfs devtmpfs /dev
        mkdir -p /dev/pts
        mount -t devpts devpts /dev/pts
        mount -t tmpfs tmpfs /tmp
        mount -t tmpfs tmpfs /run
        for module in $(cat "/modules/$(uname -r)"); do insmod "$module"; done
        ip link set lo up
        ip addr add 10.0.2.15/24 dev eth0
        ip link set eth0 up
        mkdir -p /run/sshd
        tar -x -f /dev/vda -C /boot
        /usr/sbin/sshd -E /dev/console
        echo plumbline-guest-is-up
        while :; do sleep 1000; done
        INIT
        chmod 755 "$root/init"
        (cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$dir/boot/initrd"
        tar -c -f "$dir/boot.tar" -C "$dir/boot" .
        """#
}
