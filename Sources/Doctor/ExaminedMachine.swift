// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine

/// The machine that the checks look at: its kernel's files and who looks.
package struct ExaminedMachine: Sendable {
    /// What may be done without being refused; the kernel's bit numbers (capabilities(7)).
    enum Capability: UInt64 {
        case ipcLock = 14
        case systemAdministration = 21
        case systemResource = 24
    }

    /// The kernel's files, or a test's copies.
    let tree: SystemTree
    /// The effective user; 0 is root.
    let userID: Int32

    /// This machine.
    package static let live = ExaminedMachine(tree: .live, userID: ChildProcess.userID)

    /// Whether root looks.
    var isRoot: Bool { userID == 0 }

    /// A file without white space around its text; nil when it is not there or not readable.
    func text(_ path: String) -> String? { tree.read(path)?.trimmed }

    /// A file that holds one decimal number.
    func integer(_ path: String) -> Int? { tree.readInteger(path) }

    /// The value of a file's first line `name: value`; blanks around the colon are ignored.
    func field(_ name: String, in path: String) -> String? { tree.field(name, in: path) }

    /// Whether this process has a capability, by `/proc/self/status`.
    func has(_ capability: Capability) -> Bool {
        guard let digits = field("CapEff", in: "/proc/self/status"),
            let bits = UInt64(digits, radix: 16)
        else { return isRoot }
        return bits & (1 << capability.rawValue) != 0
    }

    /// Whether the running kernel has this as a module that modprobe finds.
    func canLoadModule(_ name: String) -> Bool {
        guard let release = text("/proc/sys/kernel/osrelease") else { return false }
        let list = tree.read("/lib/modules/\(release)/modules.dep") ?? ""
        return list.contains("/\(name).ko")
    }

    /// A command that needs root, for whoever looks.
    func asRoot(_ command: String) -> Remedy {
        if isRoot { return .command(command) }
        let needsShell = command.contains { "&|;<>*".contains($0) }
        return .command(needsShell ? "sudo sh -c '\(command)'" : "sudo \(command)")
    }

    /// Installing a Debian package.
    func installing(_ package: String) -> Remedy { asRoot("apt-get install \(package)") }

    /// What a kernel was built without: no command fixes a running one.
    static func otherKernel(with options: String) -> Remedy {
        .advice(
            "boot a kernel with \(options); Debian's has it: "
                + "apt-get install linux-image-amd64")
    }
}
