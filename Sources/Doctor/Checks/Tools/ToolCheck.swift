// SPDX-License-Identifier: GPL-3.0-or-later

/// Programs that Plumbline runs.
enum ToolCheck {
    /// A program, what it is for, and the Debian package that has it.
    struct Tool: Sendable {
        let name: String
        /// What it is used for, after "for".
        let purpose: String
        let package: String
        /// The name in the report, where the program's is too long.
        var title: String?
    }

    static let tools = [
        Tool(
            name: "qemu-system-x86_64", purpose: "guests",
            package: "qemu-system-x86", title: "QEMU"),
        Tool(name: "gcc", purpose: "building guest kernels", package: "gcc"),
        Tool(name: "make", purpose: "building guest kernels", package: "make"),
        Tool(name: "flex", purpose: "building guest kernels", package: "flex"),
        Tool(name: "bison", purpose: "building guest kernels", package: "bison"),
        Tool(name: "bc", purpose: "building guest kernels", package: "bc"),
        Tool(name: "patch", purpose: "kernel variants", package: "patch"),
        Tool(name: "xz", purpose: "unpacking kernel sources", package: "xz-utils"),
        Tool(name: "mkfs.ext4", purpose: "storage with ext4", package: "e2fsprogs"),
        Tool(name: "mkfs.xfs", purpose: "storage with XFS", package: "xfsprogs"),
        Tool(name: "mkswap", purpose: "zram swap under pressure", package: "util-linux"),
        Tool(
            name: "stress-ng", purpose: "memory pressure as the pipe patch's figures had it",
            package: "stress-ng"),
        Tool(name: "mount", purpose: "fixing what doctor finds", package: "mount"),
        Tool(name: "modprobe", purpose: "loading storage drivers", package: "kmod"),
        Tool(name: "ssh", purpose: "arms on other machines", package: "openssh-client"),
        Tool(name: "fio", purpose: "make bench, which compares with it", package: "fio"),
        Tool(name: "gnuplot", purpose: "plots of reports", package: "gnuplot-nox"),
    ]

    /// The directories that programs are looked up in: PATH and those of administration.
    static func directories(path: String?) -> [String] {
        var directories: [String] = []
        let searched = (path ?? "").split(separator: ":").map(String.init)
        for directory in searched + ["/usr/bin", "/usr/sbin", "/bin", "/sbin"]
        where directory.hasPrefix("/") && !directories.contains(directory) {
            directories.append(directory)
        }
        return directories
    }

    static func finding(
        _ machine: ExaminedMachine, _ tool: Tool, directories: [String]
    ) -> Finding {
        let id = "tool_" + String(tool.name.map { $0.isLetter || $0.isNumber ? $0 : "_" })
        let topic = Topic(.tools, id, title: tool.title ?? tool.name)
        let found = directories.lazy.map { "\($0)/\(tool.name)" }
            .first { machine.tree.exists($0) }
        if let found { return topic.ok("\(found), for \(tool.purpose)") }
        return topic.missing(
            "not installed", consequence: "needed for \(tool.purpose)",
            fix: machine.installing(tool.package))
    }
}
