// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// GRUB in the guest: the real loader on a disk, and the real grub-reboot that writes its environment.
extension RebootGuest {
    private static let grubCache = "/var/tmp/plumbline-debian-grub"

    /// The part that is missing here; nil where the guest can boot from a disk with GRUB.
    package static let missingGrub: String? = {
        if let missing { return missing }
        let programs = ["/usr/bin/grub-mkimage", "/usr/bin/grub-editenv", "/usr/sbin/grub-probe"]
        if let program = (programs + ["/sbin/mke2fs"]).first(where: { !SystemFile.exists($0) }) {
            return "\(program) is missing: run `make setup`"
        }
        // The packages would add themselves to this machine's own boots.
        let script = """
            mkdir -p '\(grubCache)' && cd '\(grubCache)' || exit
            if [ ! -e usr/lib/grub/i386-pc/boot.img ] || [ ! -e usr/sbin/grub-reboot ]; then
              apt-get download grub-pc-bin grub2-common &&
                for package in *.deb; do dpkg-deb -x "$package" .; done
              rm -f *.deb
            fi >&2
            [ -e usr/lib/grub/i386-pc/boot.img ] && [ -e usr/sbin/grub-reboot ]
            """
        let result = try? Command.run(
            ["sh", "-c", script + " 2>/dev/null"], timeoutMilliseconds: 300_000)
        return result?.succeeded == true ? nil : "GRUB cannot be downloaded"
    }()

    /// The entry of GRUB that boots a kernel.
    package static func entry(of kernel: String) -> String { "Advanced options>Linux \(kernel)" }

    /// Has the guest boot from a disk with GRUB from now on; its default is the first kernel.
    ///
    /// - Throws: `failure` with what the programs said.
    package func installGrub() throws {
        let words =
            ["grub", scratch.path, Self.cache, Self.grubCache, Self.commandLine] + Self.kernels
        let result = try Command.run(
            ["bash", "-euc", Self.installing] + words, timeoutMilliseconds: 120_000)
        guard result.succeeded else { throw PlumblineError.failure(result.output) }
    }

    /// Takes the directory, the packages' directory, that of GRUB's files, the kernels' command line,
    /// and two releases.
    private static let installing = #"""
        dir=$1 cache=$2 grub=$3 words=$4
        shift 4
        root=$dir/root
        # What grub-reboot needs in the guest, and the file system of /boot.
        mkdir -p "$root/usr/share/grub" "$root/boot"
        for program in /usr/bin/grub-editenv /usr/sbin/grub-probe; do
          cp "$program" "$root$program"
          { ldd "$program" 2>&1 || true; } | { grep -o '/[^ ]*' || true; } | while read -r file; do
            mkdir -p "$root${file%/*}"
            cp -Ln "$file" "$root$file"
          done
        done
        cp "$grub/usr/sbin/grub-reboot" "$root/usr/sbin/"
        cp /usr/share/grub/grub-mkconfig_lib "$root/usr/share/grub/"
        for release in "$@"; do
          base=$(ls -d "$cache"/*/lib/modules/"$release")
          base=${base%/lib/modules/*}
          /sbin/modprobe -S "$release" -d "$base" --show-depends ext4 | grep ^insmod | cut -d' ' -f2 |
          while read -r file; do
            cp "$file" "$root/modules/files/$release/"
            echo "/modules/files/$release/${file##*/}"
          done >>"$root/modules/$release"
        done
        sed -i 's|^tar -x -f /dev/vda -C /boot|mount -t ext4 /dev/vda1 /boot|' "$root/init"
        (cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$dir/boot/initrd"
        # /boot, and a loader as grub-install and Debian's grub-mkconfig make them.
        mkdir -p "$dir/boot/grub"
        grub-editenv "$dir/boot/grub/grubenv" create
        {
          cat <<'CFG'
        serial --unit=0 --speed=115200
        terminal_output serial
        if [ -s $prefix/grubenv ]; then load_env; fi
        if [ "${next_entry}" ]; then
          set default="${next_entry}"
          set next_entry=
          save_env next_entry
        else
          set default="${saved_entry}"
        fi
        set timeout=0
        CFG
          echo "submenu 'Advanced options' {"
          for release in "$@"; do
            echo "menuentry 'Linux $release' {"
            echo "  linux /vmlinuz-$release $words"
            echo "  initrd /initrd"
            echo "}"
          done
          echo "}"
        } >"$dir/boot/grub/grub.cfg"
        images=$grub/usr/lib/grub/i386-pc
        grub-mkimage -O i386-pc -d "$images" -p '(hd0,msdos1)/grub' -o "$dir/core.img" \
          biosdisk part_msdos ext2 normal linux loadenv test serial terminal echo
        truncate -s 96M "$dir/partition"
        mke2fs -q -t ext4 -d "$dir/boot" "$dir/partition"
        truncate -s 97M "$dir/disk"
        # The boot record with a table of one partition behind the loader.
        dd if="$images/boot.img" of="$dir/disk" bs=440 count=1 conv=notrunc status=none
        printf '\200\0\2\0\203\376\377\377\0\010\0\0\0\0\3\0' |
          dd of="$dir/disk" bs=1 seek=446 conv=notrunc status=none
        printf '\125\252' | dd of="$dir/disk" bs=1 seek=510 conv=notrunc status=none
        dd if="$dir/core.img" of="$dir/disk" bs=512 seek=1 conv=notrunc status=none
        dd if="$dir/partition" of="$dir/disk" bs=1M seek=1 conv=notrunc status=none
        rm "$dir/partition"
        sed -i -e 's|file=boot.tar|file=disk|' -e 's|-kernel .* -pidfile|-pidfile|' \
          -e 's|-daemonize .*|-daemonize|' -e '/^ *-append/d' "$dir/restart"
        """#
}
