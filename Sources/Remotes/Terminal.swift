// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// This process's terminal while another process group has it, such as an ssh that asks for a
/// password.
struct Terminal: Sendable {
    private let own: pid_t

    /// Whether standard input is a terminal, and this process's group has it.
    static var isOurs: Bool { isatty(0) == 1 && tcgetpgrp(0) == getpgrp() }

    /// Has the program's process group read from the terminal as soon as the program runs.
    init(lentTo process: HeldProcess) {
        own = getpgrp()
        Task {
            while process.process == nil, !process.isEnded {
                try? await Task.sleep(for: .milliseconds(1))
            }
            if let id = process.process, !process.isEnded { Self.give(to: id) }
        }
    }

    /// Has this process's group read from it again.
    func takeBack() { Self.give(to: own) }

    /// A group in the background that changes this is stopped, unless it ignores SIGTTOU: tcsetpgrp(3).
    private static func give(to group: pid_t) {
        let before = signal(SIGTTOU, SIG_IGN)
        _ = tcsetpgrp(0, group)
        _ = signal(SIGTTOU, before)
    }
}
