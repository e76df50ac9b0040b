// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Experiment
import Kernels
import Linux
import Protocol

extension FuzzTarget {
    /// Names of kernels and their sources.
    static func kernelName() -> FuzzTarget {
        let seeds = KernelVariant.known.map(\.name) + ["git:~/linux@v6.12", "6.12+full+debug"]
        let words = ["+", "-", "git:", "@"] + KernelChange.all.map(\.name)
        return FuzzTarget(name: "kernel-name", seeds: seeds.map(\.bytes), words: words) { input in
            let text = String(decoding: input, as: UTF8.self)
            let variant = try? KernelVariant(text, anyVersion: true)
            // Other sources are files, which are opened.
            let source = try? SourceSpec("git:" + text)
            return variant != nil || source != nil
        }
    }

    /// A user's patch.
    static func patch() -> FuzzTarget {
        let mail = """
            From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001
            From: A <a@b.c>
            Subject: [PATCH] x: y

            ---
             fs/x.c | 2 +-
             1 file changed, 1 insertion(+), 1 deletion(-)

            diff --git a/fs/x.c b/fs/x.c
            --- a/fs/x.c
            +++ b/fs/x.c
            @@ -1,3 +1,3 @@ int x(void)
             {
            -\treturn 1;
            +\treturn 2;
             }
            """
        let plain = "--- linux/a.c\t2026-01-01\n+++ new/a.c\t2026-01-02\n@@ -1 +1 @@\n-1\n+2\n"
        let seeds = [mail.bytes, plain.bytes]
        let words = [
            "+++ b/", "--- a/", "+++ /dev/null", "rename from ", "rename to ../",
            "@@ -1,1 +1,1 @@\n",
            "diff --git a/x b/x\n", "\n+++ b/x", "\n--- a/../x",
        ]
        return FuzzTarget(name: "patch", seeds: seeds, words: words) {
            (try? KernelPatch(String(decoding: $0, as: UTF8.self), at: "x.patch")) != nil
        }
    }

    /// What `--knob` takes.
    static func knob() -> FuzzTarget {
        let seeds = [
            "vm.swappiness=60,10", "file:/sys/a/b=1,2", "module:m.p=Y,N", "set:pipe.fixedbufs=0,1",
            "cmd:'echo 1 >/x','echo 2 >/x'", "net/ipv4/conf/a.b/x=1,\"2,3\"",
        ]
        let words = ["cmd:", "set:", "module:", "sysctl:", "file:", "=", ",", "'", "\""]
        return FuzzTarget(name: "knob", seeds: seeds.map(\.bytes), words: words) { input in
            let texts = String(decoding: input, as: UTF8.self).split(separator: "\n").map(
                String.init)
            guard let knobs = try? Knob.parse(texts) else { return false }
            for knob in knobs { _ = (knob.label(.a), knob.record) }
            return true
        }
    }

    /// Sizes, times, CPU lists and storages.
    static func sizes() -> FuzzTarget {
        let seeds = [
            "4096", "64k", "1.5MiB", "2g", "500ms", "0.5s", "1h", "0,2-5", "0-1023", "zram:ext4",
            "device:/dev/sdb", "9e18", "1e400",
        ]
        let words = ["k", "KiB", "ms", "min", ",", "-", ".", "e", ":xfs", "loop", "null_blk"]
        return FuzzTarget(name: "sizes", seeds: seeds.map(\.bytes), words: words) { input in
            let text = String(decoding: input, as: UTF8.self)
            let size = ByteSize(text)
            _ = (size?.description, size?.short, size?.approximate)
            let time = Duration.nanoseconds(parsing: text)
            _ = time.map { Decimal.time(nanoseconds: Double($0)) }
            let cpus = CPUSet(list: text)
            let storage = try? StorageSpec(text: text, size: 1 << 20)
            _ = text.printable
            return size != nil || time != nil || cpus != nil || storage != nil
        }
    }

    /// A pattern, and on the next line a text to hold it against.
    static func glob() -> FuzzTarget {
        let seeds = [
            "pipe/*/memcg*\npipe/2w1r/64KiB/1MiB/memcg", "[abc]?*\nabc", "*a*a*a*b\naaaaaa",
        ]
        return FuzzTarget(name: "glob", seeds: seeds.map(\.bytes), words: ["*", "?", "[", "]"]) {
            input in
            let lines = String(decoding: input, as: UTF8.self).split(
                separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            return Glob(String(lines[0])).matches(lines.count > 1 ? String(lines[1]) : "")
        }
    }
}
