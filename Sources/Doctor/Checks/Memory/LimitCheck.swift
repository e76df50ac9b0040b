// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// What this process may lock and open.
enum LimitCheck {
    static let lockedTopic = Topic(.memory, "locked_memory", title: "locked memory")
    static let filesTopic = Topic(.io, "open_files", title: "open files")

    /// A limit that holds now and how far it may be raised; nil is no limit.
    typealias Limits = (soft: UInt64?, hard: UInt64?)

    /// Bytes that registered buffers may need.
    private static let lockedBytes: UInt64 = 32 << 20
    /// Descriptors that a cell with many pipes may need.
    private static let files: UInt64 = 1024

    static func lockedFinding(_ machine: ExaminedMachine, _ limits: Limits) -> Finding {
        let fact = limits.soft.map { "\(size($0)) (ulimit -l)" } ?? "no limit"
        if machine.has(.ipcLock) {
            return lockedTopic.ok(limits.soft == nil ? fact : "\(fact); root has no limit")
        }
        guard let soft = limits.soft, soft < lockedBytes else { return lockedTopic.ok(fact) }
        let canRaise = limits.hard.map { $0 >= lockedBytes } ?? true
        return lockedTopic.limited(
            fact,
            consequence: "buffers registered with io_uring (fixedbufs) need up to 32 MiB",
            fix: canRaise
                ? .command("ulimit -l \(lockedBytes >> 10)")
                : machine.asRoot("prlimit --pid $$ --memlock=unlimited"))
    }

    static func filesFinding(_ machine: ExaminedMachine, _ limits: Limits) -> Finding {
        let hard = limits.hard.map { "\($0)" } ?? "no limit"
        guard let soft = limits.soft else { return filesTopic.ok("no limit (ulimit -n)") }
        let fact = "\(soft) (ulimit -n), at most \(hard)"
        guard soft < files else { return filesTopic.ok(fact) }
        let canRaise = limits.hard.map { $0 >= files } ?? true
        return filesTopic.limited(
            fact,
            consequence:
                "cells with many pipes fail: a pipe takes two files, and four while it is set up",
            fix: canRaise
                ? .command("ulimit -n \(files)")
                : machine.asRoot("prlimit --pid $$ --nofile=\(files)"))
    }

    private static func size(_ bytes: UInt64) -> String {
        ByteSize(Int(clamping: bytes)).description
    }
}
