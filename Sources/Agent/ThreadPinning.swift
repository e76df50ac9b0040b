// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// Holds the threads of a QEMU that names them (`debug-threads=on`) to CPUs of this machine.
public struct ThreadPinning: Sendable {
    /// For each virtual CPU the CPU that its thread is held to; empty for no pinning.
    public var virtualCPUs: [Int] = []
    /// Where all other threads of the process run; nil for anywhere.
    public var rest: CPUSet?

    /// Pins nothing.
    public init() {}

    /// Whether there is nothing to do.
    public var isEmpty: Bool { virtualCPUs.isEmpty && rest == nil }

    /// Pins the threads of a process, as far as they are there.
    ///
    /// - Returns: whether the thread of each virtual CPU was there.
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

    /// The number in a thread's name, such as `CPU 0/KVM`; 0 for the one that runs all in turn.
    static func virtualCPU(_ title: String) -> Int? {
        if title.hasPrefix("ALL CPUs") { return 0 }
        guard title.hasPrefix("CPU "), let slash = title.firstIndex(of: "/") else { return nil }
        return Int(title[title.index(title.startIndex, offsetBy: 4)..<slash])
    }
}
