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
        for cache in wholeNames(caches, in: tree) where result[cache] == nil {
            // "123 N0=100 N1=23": the sum and each node's part.
            let words = tree.read("/sys/kernel/slab/\(cache)/objects")?.split(separator: " ")
            result[cache] = words?.first.flatMap { Int64($0.filter(\.isNumber)) }
        }
        return result.isEmpty ? nil : result
    }

    /// The second column of these caches' lines.
    static func parse(_ bytes: [UInt8], keeping caches: [String]) -> [String: Int64] {
        let names = Set(caches)
        let beginnings = beginnings(caches)
        var result: [String: Int64] = [:]
        for line in bytes.split(separator: 0x0a) {
            guard let end = line.firstIndex(of: 0x20) else { continue }
            let name = String(decoding: line[..<end], as: UTF8.self)
            guard names.contains(name) || beginnings.contains(where: name.hasPrefix) else {
                continue
            }
            let digits = line[end...].drop { $0 == 0x20 }.prefix { $0 != 0x20 }
            result[name] = Int64(String(decoding: digits, as: UTF8.self))
        }
        return result
    }

    private static func beginnings(_ caches: [String]) -> [String] {
        caches.filter { $0.hasSuffix("*") }.map { String($0.dropLast()) }
    }

    /// The names without `*`, and the caches in sysfs that match the others.
    private static func wholeNames(_ caches: [String], in tree: SystemTree) -> [String] {
        let beginnings = beginnings(caches)
        let known = beginnings.isEmpty ? [] : tree.list("/sys/kernel/slab")
        return caches.filter { !$0.hasSuffix("*") }
            + known.filter { name in beginnings.contains(where: name.hasPrefix) }
    }
}
