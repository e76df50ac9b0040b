// SPDX-License-Identifier: GPL-3.0-or-later

import Machine

/// Which functions of the kernel wanted memory, by the stacks of some allocations and reclaims.
struct AllocationSites {
    let symbols: KernelSymbols?
    private var stacks: [String: Int] = [:]

    init(_ symbols: KernelSymbols?) { self.symbols = symbols }

    /// Takes in the stack of a page's allocation, or of the beginning of a direct reclaim.
    ///
    /// - Returns: the function that entered a reclaim; nil for an allocation.
    mutating func add(_ stack: [UInt64]) -> String? {
        guard let symbols else { return nil }
        var isReclaim: Bool?
        for address in stack {
            // A return address is behind the call, which may be a function's last instruction.
            guard let name = symbols.name(of: address &- 1), !AllocatorFunctions.isTracing(name)
            else { continue }
            isReclaim = isReclaim ?? name.hasPrefix("try_to_free_")
            guard !AllocatorFunctions.contain(name) else { continue }
            if isReclaim == true { return name }
            stacks[name, default: 0] += 1
            return nil
        }
        return nil
    }

    /// The functions' shares of the pages, the largest first.
    var pages: [(function: String, share: Double)] {
        let sum = Double(stacks.values.reduce(0, +))
        return stacks.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .prefix(AllocationCount.mostSites).map { ($0.key, Double($0.value) / sum) }
    }

    /// Counts by address as counts by function, the largest first.
    func named(_ counts: [UInt64: Int]) -> [(function: String, count: Int)] {
        guard let symbols else { return [] }
        var sums: [String: Int] = [:]
        for (address, count) in counts {
            sums[symbols.name(of: address) ?? "?", default: 0] += count
        }
        return sums.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .prefix(AllocationCount.mostSites).map { ($0.key, $0.value) }
    }
}
