// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import LabSupport
import Linux

/// What faults of guests need beside what all faults need.
enum GuestParts {
    /// The image of a stock kernel in the cache.
    static let image: String? = {
        let list = (try? Command.run([Built.plumbline, "kernel", "list"]))?.output ?? ""
        let line = list.split(separator: "\n").last { $0.hasPrefix("6.12 ") }
        return line?.split(separator: " ").last.map(String.init)
    }()

    /// The static agent that guests get.
    static let agent: String? = {
        if let path = ProcessInfo.processInfo.environment["PLUMBLINE_AGENT"] { return path }
        let folder = Built.agent.split(separator: "/").dropLast(2).joined(separator: "/")
        let path = "/\(folder)/release/plumbline-agent"
        return SystemFile.exists(path) ? path : nil
    }()

    /// Why faults of guests are not played; nil when they are.
    static let missing: String? = {
        if let missing = Faults.missing { return missing }
        if image == nil { return "needs `plumbline kernel build 6.12`" }
        if agent == nil { return "needs a static agent: run `make fault-test`" }
        guard (try? Command.run(["qemu-system-x86_64", "--version"]))?.succeeded == true else {
            return "needs qemu-system-x86_64"
        }
        return nil
    }()
}
