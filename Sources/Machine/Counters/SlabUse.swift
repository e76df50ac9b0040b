// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// Objects in use of slab caches (slabinfo(5), Documentation/ABI/testing/sysfs-kernel-slab).
enum SlabUse {
    /// Active objects by cache; nil when nothing is readable or no cache is given.
    ///
    /// A name that ends in `*` is a prefix. `/proc/slabinfo` needs root; `/sys/kernel/slab` exists
    /// with SLUB, where a merged cache counts all its aliases.
    static func active(_ caches: [String], in tree: SystemTree = .live) -> [String: Int64]? {
        guard !caches.isEmpty else { return nil }
        var result: [String: Int64] = [:]
        if let bytes = try? SystemFile.readBytes(tree.path("/proc/slabinfo")) {
            result = parse(bytes, keeping: caches)
        }
        let inSysfs = caches.flatMap { cache in
            guard cache.hasSuffix("*") else { return [cache] }
            return tree.list("/sys/kernel/slab").filter { $0.hasPrefix(cache.dropLast()) }
        }
        for cache in inSysfs where result[cache] == nil {
            // "123 N0=100 N1=23": the sum and each node's part.
            let words = tree.read("/sys/kernel/slab/\(cache)/objects")?.split(separator: " ")
            result[cache] = words?.first.flatMap { Int64($0.filter(\.isNumber)) }
        }
        return result.isEmpty ? nil : result
    }

    /// The second column of these caches' lines.
    static func parse(_ bytes: [UInt8], keeping caches: [String]) -> [String: Int64] {
        var result: [String: Int64] = [:]
        for line in bytes.split(separator: 0x0a) {
            let name = String(decoding: line.prefix { $0 != 0x20 }, as: UTF8.self)
            let isWanted = caches.contains {
                $0.hasSuffix("*") ? name.hasPrefix($0.dropLast()) : name == $0
            }
            guard isWanted else { continue }
            let digits = line.dropFirst(name.utf8.count).drop { $0 == 0x20 }.prefix { $0 != 0x20 }
            result[name] = Int64(String(decoding: digits, as: UTF8.self))
        }
        return result
    }
}
