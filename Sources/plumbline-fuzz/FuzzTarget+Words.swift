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
        return FuzzTarget(name: "kernel-name", seeds: seeds.map(\.bytes), words: words) {
            (input) throws(PlumblineError) in
            let text = String(decoding: input, as: UTF8.self)
            let variant = try? KernelVariant(text, anyVersion: true)
            // Other sources are files, which are opened.
            if variant == nil { _ = try SourceSpec("git:" + text) }
            return true
        }
    }

    /// What `--knob` takes.
    static func knob() -> FuzzTarget {
        let seeds = [
            "vm.swappiness=60,10", "file:/sys/a/b=1,2", "module:m.p=Y,N", "set:pipe.fixedbufs=0,1",
            "cmd:'echo 1 >/x','echo 2 >/x'", "net/ipv4/conf/a.b/x=1,\"2,3\"",
        ]
        let words = ["cmd:", "set:", "module:", "sysctl:", "file:", "=", ",", "'", "\""]
        return FuzzTarget(name: "knob", seeds: seeds.map(\.bytes), words: words) {
            (input) throws(PlumblineError) in
            let texts = String(decoding: input, as: UTF8.self).split(separator: "\n").map(
                String.init)
            for knob in try Knob.parse(texts) { _ = (knob.label(.a), knob.record) }
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
