// SPDX-License-Identifier: GPL-3.0-or-later

import Machine

/// Which functions of the kernel wanted memory, by the stacks of some allocations and reclaims.
struct AllocationSites {
    let symbols: KernelSymbols?
    /// Pages by the function that wanted them.
    private var pages: [String: Int] = [:]
    /// By thread the pages of its latest allocation, until their stack comes.
    private var unnamed: [Int32: Int] = [:]
    /// By thread the function that its latest stack names, until its pages come.
    private var wanting: [Int32: String] = [:]

    init(_ symbols: KernelSymbols?) { self.symbols = symbols }

    /// Takes in an allocation of pages. The kernel writes its stack, if it takes one, right before it
    /// or right after it.
    mutating func allocate(_ record: TraceRecord) {
        guard record.context == .task else { return }
        let count = AllocationCount.pages(of: record)
        if let function = wanting.removeValue(forKey: record.thread) {
            pages[function, default: 0] += count
        } else {
            unnamed[record.thread] = count
        }
    }

    /// Takes in the stack of an allocation of pages, or of the beginning of a direct reclaim.
    ///
    /// - Returns: the function that entered a reclaim; nil for an allocation.
    mutating func add(_ record: TraceRecord) -> String? {
        guard let symbols, record.context == .task else { return nil }
        var isReclaim: Bool?
        for address in record.stack {
            // A return address is behind the call, which may be a function's last instruction.
            guard let name = symbols.name(of: address &- 1), !AllocatorFunctions.isTracing(name)
            else { continue }
            isReclaim = isReclaim ?? name.hasPrefix("try_to_free_")
            guard !AllocatorFunctions.contain(name) else { continue }
            if isReclaim == true { return name }
            if let count = unnamed.removeValue(forKey: record.thread) {
                pages[name, default: 0] += count
            } else {
                wanting[record.thread] = name
            }
            return nil
        }
        return nil
    }

    /// The functions' shares of the pages whose stack was taken, the largest first.
    var shares: [(function: String, share: Double)] {
        let sum = Double(pages.values.reduce(0, +))
        guard sum > 0 else { return [] }
        return pages.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
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
