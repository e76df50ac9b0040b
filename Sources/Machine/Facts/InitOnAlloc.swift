// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// Whether the kernel fills what it allocates with zeros (`init_on_alloc`), which is part of what
/// an allocation costs.
public enum InitOnAlloc {
    /// 1 or 0, by the kernel's log at boot (`report_meminit()` of mm/mm_init.c) or, where that is
    /// gone, by its command line; nil when neither says.
    public static func value(in tree: SystemTree = .live) -> Int? {
        logged(tree.path("/dev/kmsg")) ?? given(tree.read("/proc/cmdline") ?? "")
    }

    private static func given(_ commandLine: String) -> Int? {
        let option = "init_on_alloc="
        guard let word = commandLine.words.last(where: { $0.hasPrefix(option) }) else {
            return nil
        }
        switch word.dropFirst(option.count).lowercased() {
        case "1", "y", "yes", "on": return 1
        case "0", "n", "no", "off": return 0
        default: return nil
        }
    }

    /// Each read gives one record of the log, and none waits for the next.
    private static func logged(_ path: String) -> Int? {
        guard let log = try? Descriptor.open(path, [.read, .nonblocking]) else { return nil }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 8 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            do throws(Errno) {
                let count = try log.read(into: buffer)
                guard count > 0 else { return nil }
                let record = String(decoding: buffer[..<count], as: UTF8.self)
                guard record.contains("mem auto-init:") else { continue }
                if record.contains("heap alloc:on") { return 1 }
                if record.contains("heap alloc:off") { return 0 }
            } catch .brokenPipe {
                // Records were overwritten meanwhile; the next read goes on behind them.
                continue
            } catch {
                return nil
            }
        }
    }
}
