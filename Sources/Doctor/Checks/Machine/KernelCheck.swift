// SPDX-License-Identifier: GPL-3.0-or-later

/// Which kernel runs, and whether results can name it exactly.
enum KernelCheck {
    static let topic = Topic(.kernel, "kernel")

    /// Judges the kernel by what uname(2) and `/sys/kernel/notes` said.
    static func finding(
        _ machine: ExaminedMachine, release: String, version: String, buildID: String?
    ) -> Finding {
        let name = "\(release), \(version)"
        guard let buildID else {
            return topic.limited(
                "\(name); no build id in /sys/kernel/notes",
                consequence: "results cannot tell two builds of one release apart",
                fix: machine.tree.exists("/sys/kernel")
                    ? .advice("link the kernel with --build-id, as its own makefile does")
                    : machine.asRoot("mount -t sysfs sysfs /sys"))
        }
        let fact = "\(name), build id \(buildID)"
        guard isBefore(release, major: 6, minor: 1) else { return topic.ok(fact) }
        return topic.limited(
            fact,
            consequence:
                "older than 6.1: io_uring has no DEFER_TASKRUN, which costs more per completion, and "
                + "files do not report their alignment for direct I/O",
            fix: machine.asRoot("apt-get install linux-image-amd64 && reboot"))
    }

    /// Whether a release such as "6.12.1-amd64" is older than a version.
    static func isBefore(_ release: String, major: Int, minor: Int) -> Bool {
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        guard numbers.count == 2 else { return false }
        return (numbers[0], numbers[1]) < (major, minor)
    }
}
