// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// Pins the threads of a QEMU with `debug-threads=on` to CPUs of this machine.
public struct ThreadPinning: Sendable {
    /// The CPU for the thread of each virtual CPU; empty for no pinning.
    public var virtualCPUs: [Int] = []
    /// The CPUs for all other threads of the process; nil for any.
    public var rest: CPUSet?

    /// No pinning.
    public init() {}

    /// Whether there is nothing to do.
    public var isEmpty: Bool { virtualCPUs.isEmpty && rest == nil }

    /// Pins the threads of a process that exist.
    ///
    /// - Returns: whether the threads of all virtual CPUs exist.
    public func apply(to process: Int32) -> Bool {
        let tasks = "/proc/\(process)/task"
        var found: Set<Int> = []
        for name in (try? SystemFile.list(tasks)) ?? [] {
            guard let thread = Int32(name),
                let title = try? SystemFile.read("\(tasks)/\(name)/comm")
            else { continue }
            if let number = Self.virtualCPU(title) {
                guard virtualCPUs.indices.contains(number) else { continue }
                found.insert(number)
                try? CPUSet([virtualCPUs[number]]).apply(toThread: thread)
            } else if let rest {
                try? rest.apply(toThread: thread)
            }
        }
        return found.count == virtualCPUs.count
    }

    /// The number in a thread's name such as `CPU 0/KVM`; 0 for the thread that runs all CPUs.
    static func virtualCPU(_ title: String) -> Int? {
        if title.hasPrefix("ALL CPUs") { return 0 }
        guard title.hasPrefix("CPU "), let slash = title.firstIndex(of: "/") else { return nil }
        return Int(title[title.index(title.startIndex, offsetBy: 4)..<slash])
    }
}
