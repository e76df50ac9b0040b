// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// How large a user's pipes may be (pipe(7)).
enum PipeCheck {
    static let sizeTopic = Topic(.io, "pipe_size", title: "pipe size")
    static let pagesTopic = Topic(.io, "pipe_pages", title: "pipe pages")

    /// The size of the published pipe set-up, in bytes.
    private static let wanted = 1 << 20
    private static let directory = "/proc/sys/fs"

    /// Judges `pipe-max-size`, which binds users without CAP_SYS_RESOURCE.
    static func sizeFinding(_ machine: ExaminedMachine) -> Finding {
        guard let limit = machine.integer("\(directory)/pipe-max-size") else {
            return sizeTopic.missing(
                "no fs.pipe-max-size", consequence: "the largest size of a pipe is unknown",
                fix: machine.asRoot("mount -t proc proc /proc"))
        }
        let fact = "up to \(ByteSize(limit)) (fs.pipe-max-size)"
        if machine.has(.systemResource) { return sizeTopic.ok("\(fact), more for root") }
        guard limit < wanted else { return sizeTopic.ok(fact) }
        return sizeTopic.limited(
            fact,
            consequence: "cells with larger pipes are refused; the published measurements use 1MiB",
            fix: machine.asRoot("sysctl -w fs.pipe-max-size=\(wanted)"))
    }

    /// Judges `pipe-user-pages-soft` and `-hard`: how many pipes of 1 MiB a user may have.
    static func pagesFinding(_ machine: ExaminedMachine, pageSize: Int) -> Finding {
        let soft = machine.integer("\(directory)/pipe-user-pages-soft") ?? 0
        let hard = machine.integer("\(directory)/pipe-user-pages-hard") ?? 0
        let fact = "soft \(limit(soft)), hard \(limit(hard))"
        if machine.has(.systemResource) || machine.has(.systemAdministration) {
            return pagesTopic.ok("\(fact); root has no limit")
        }
        let tightest = [soft, hard].filter { $0 > 0 }.min()
        guard let tightest else { return pagesTopic.ok(fact) }
        let pipes = tightest * pageSize / wanted
        let meaning = "\(fact): a user has at most \(pipes) pipes of 1MiB"
        guard pipes < 64 else { return pagesTopic.ok(meaning) }
        let isSoft = tightest == soft
        return pagesTopic.limited(
            meaning,
            consequence: isSoft
                ? "further pipes have two pages and cannot grow"
                : "further pipes cannot be created",
            fix: machine.asRoot("sysctl -w fs.pipe-user-pages-\(isSoft ? "soft" : "hard")=16384"))
    }

    private static func limit(_ pages: Int) -> String {
        pages == 0 ? "no limit" : "\(pages) pages"
    }
}
