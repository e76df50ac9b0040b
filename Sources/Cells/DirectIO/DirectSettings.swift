// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// The settings of a direct-I/O workload, by fio's names.
package struct DirectSettings: SettingGroup {
    let rw = SettingKey<DirectWorkload.Access>(
        "rw", default: .randread,
        help: "the pattern; random blocks may repeat, as with fio's norandommap")
    let rwmixread = SettingKey<Int>(
        "rwmixread", .count(0...100), default: 50, help: "percent of reads in rw and randrw")
    let bs = SettingKey<Int>(
        "bs", .size(512...64 << 20), default: 4096,
        help: "bytes a request; a multiple of the file's alignment")
    let size = SettingKey<Int>(
        "size", .size(512...1 << 50), default: 256 << 20,
        help: "bytes that a job works on: a file of its own, or its part of a given file or device")
    let filename = SettingKey<String?>(
        "filename", .path,
        help: "an existing file or block device; job n works on its n-th part of `size` bytes")
    let storage = CommonSettings.storage
    let directory = CommonSettings.directory
    let irqmode = SettingKey<Int>(
        "irqmode", .count(0...2), default: 0,
        help: "where storage=null_blk completes: 0 inline, 1 in a softirq, 2 in the interrupt of a "
            + "timer",
        short: "irq")
    let completionDelay = SettingKey<Int?>(
        "completion_nsec", .count(1...1_000_000_000),
        help: "with irqmode=2, after how many ns the timer completes a request; the driver's 10000 "
            + "without. Up to iodepth requests are in flight when it is longer than submitting "
            + "them takes",
        short: "nsec")
    let memoryBacked = SettingKey<Bool>(
        "memory_backed", .flag, default: true,
        help: "whether null_blk keeps data; 0 only for reads of the raw device, which do not go "
            + "through iomap")
    let direct = SettingKey<String>(
        "direct", .choice(["1"]), default: "1", help: "O_DIRECT, which is all this measures")
    let noatime = SettingKey<Bool?>(
        "noatime", .flag,
        help: "1: reads leave the time of last access as it is, which only a file's owner and "
            + "root may ask for; 0: they change it; by default 1 where permitted")
    let allowDestructive = SettingKey<Bool>(
        "allow_destructive", .flag, default: false,
        help: "permission to overwrite the given file or block device", isPermission: true)

    let ioengine = SettingKey<DirectWorkload.Engine>(
        "ioengine", default: .ring, help: "io_uring, or psync: pread and pwrite")
    let iodepth = SettingKey<Int>(
        "iodepth", .count(1...16384), default: 1, help: "requests a job keeps in flight")
    let batchSubmit = SettingKey<Int>(
        "iodepth_batch_submit", .count(1...16384), default: 1,
        help: "requests to submit together; fewer when the depth is full", short: "batch")
    let batchCompleteMin = SettingKey<Int>(
        "iodepth_batch_complete_min", .count(1...16384), default: 1,
        help: "completions to wait for when the depth is full; all that are there are taken")
    let reap = SettingKey<DirectWorkload.Reaping>(
        "reap", default: .full,
        help: "when completions are taken: when the depth is full, as fio does, or after each "
            + "submission, as fio's t/io_uring does")
    let fixedbufs = SettingKey<Bool>(
        "fixedbufs", .flag, default: false, help: "register the buffers with the ring")
    let registerfiles = SettingKey<Bool>(
        "registerfiles", .flag, default: false, help: "register the file with the ring")
    let registerring = SettingKey<Bool>(
        "registerring", .flag, default: true,
        help: "register the ring's own descriptor, where the kernel can (Linux 5.18)")
    let hipri = SettingKey<Bool>(
        "hipri", .flag, default: false, help: "poll for completions (IORING_SETUP_IOPOLL)")
    let sqthreadPoll = SettingKey<Bool>(
        "sqthread_poll", .flag, default: false,
        help: "a kernel thread submits (IORING_SETUP_SQPOLL)")
    let rate = SettingKey<Double>(
        "rate_iops", .number(0...1e9), default: 0,
        help: "requests a second and job, due at fixed times; 0 is a closed loop")
    let timing = CommonSettings.timing
    let verify = CommonSettings.verify(
        "prove each block read, and read back all blocks after writing")
    let randseed = SettingKey<Int?>(
        "randseed", .count(0...Int.max),
        help: "the same offsets in each slice; else each slice's own seed")
    let handicap = CommonSettings.handicap

    let numjobs = SettingKey<Int>(
        "numjobs", .count(1...512), default: 1, help: "jobs at a time")
    let workers = CommonSettings.workers
    let cpusAllowed = CommonSettings.cpus("cpus_allowed", of: "jobs")
    let cpusPolicy = SettingKey<JobPlacement.CPUPolicy>(
        "cpus_allowed_policy", default: .shared,
        help: "jobs share the CPUs, or each is held to the next one of them")
    let cpuNodes = SettingKey<CPUSet?>(
        "numa_cpu_nodes", .cpus, help: "the nodes whose CPUs jobs may run on")
    let memoryPolicy = SettingKey<String>(
        "numa_mem_policy", .text, default: "default",
        help: "default, bind:N, prefer:N or interleave, for buffers")
}
