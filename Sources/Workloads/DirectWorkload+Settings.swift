// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

extension DirectWorkload {
    /// What it can be told, in the order in which changed ones follow in a cell's name.
    public static let settings: [Setting] =
        accessSettings + queueSettings + placeSettings + elsewhereSettings

    /// What is read or written, and where.
    private static let accessSettings: [Setting] = [
        Setting(
            "rw", .choice(DirectPlan.Access.allCases.map(\.rawValue)), default: "randread",
            "the pattern; random blocks may repeat, as with fio's norandommap"),
        Setting("rwmixread", .count(0...100), default: 50, "percent of reads in rw and randrw"),
        Setting(
            "bs", .size(512...64 << 20), default: 4096,
            "bytes a request; a multiple of the file's alignment"),
        Setting(
            "size", .size(512...1 << 50), default: .integer(256 << 20),
            "bytes that a job works on: a file of its own, or its part of a given file or device"),
        Setting(
            "filename", .path, default: nil,
            "an existing file or block device; job n works on its n-th part of `size` bytes"),
        Setting("storage", .text, default: "directory", "what to make files on: zram:ext4, ..."),
        Setting("directory", .path, default: nil, "where files go with storage=directory"),
        Setting(
            "irqmode", .count(0...2), default: 0,
            "where storage=null_blk completes: 0 inline, 1 in a softirq, 2 by a timer"),
        Setting("direct", .choice(["1"]), default: "1", "O_DIRECT, which is all this measures"),
        Setting(
            "allow_destructive", .flag, default: false,
            "permission to overwrite the given file or block device"),
    ]

    /// How requests get to the kernel.
    private static let queueSettings: [Setting] = [
        Setting(
            "ioengine", .choice(DirectPlan.Engine.allCases.map(\.rawValue)), default: "io_uring",
            "io_uring, or psync: pread and pwrite"),
        Setting("iodepth", .count(1...16384), default: 1, "requests a job keeps in flight"),
        Setting(
            "iodepth_batch_submit", .count(1...16384), default: 1,
            "requests to submit together; fewer when the depth is full"),
        Setting(
            "iodepth_batch_complete_min", .count(1...16384), default: 1,
            "completions to wait for when the depth is full; all that are there are taken"),
        Setting("fixedbufs", .flag, default: false, "register the buffers with the ring"),
        Setting("registerfiles", .flag, default: false, "register the file with the ring"),
        Setting(
            "registerring", .flag, default: true,
            "register the ring's own descriptor, where the kernel can (Linux 5.18)"),
        Setting("hipri", .flag, default: false, "poll for completions (IORING_SETUP_IOPOLL)"),
        Setting(
            "sqthread_poll", .flag, default: false,
            "a kernel thread submits (IORING_SETUP_SQPOLL)"),
        Setting(
            "rate_iops", .number(0...1e9), default: 0,
            "requests a second and job, due at fixed times; 0 is a closed loop"),
        Setting("timing", .choice(["op", "off"]), default: "op", "time each request, or none"),
        Setting(
            "verify", .flag, default: false,
            "prove each block read, and read back all blocks after writing"),
        Setting(
            "randseed", .count(0...Int.max), default: nil,
            "the same offsets in each slice; else each slice's own seed"),
        .handicap,
    ]

    /// Who does it, and on which CPUs and nodes.
    private static let placeSettings: [Setting] = [
        Setting("numjobs", .count(1...512), default: 1, "jobs at a time"),
        Setting("workers", .choice(["thread", "process"]), default: "thread", "what a job is"),
        Setting("cpus_allowed", .cpus, default: nil, "the CPUs that jobs may run on"),
        Setting(
            "cpus_allowed_policy", .choice(["shared", "split"]), default: "shared",
            "jobs share the CPUs, or each is held to the next one of them"),
        Setting("numa_cpu_nodes", .cpus, default: nil, "the nodes whose CPUs jobs may run on"),
        Setting(
            "numa_mem_policy", .text, default: "default",
            "default, bind:N, prefer:N or interleave, for buffers"),
    ]
}
