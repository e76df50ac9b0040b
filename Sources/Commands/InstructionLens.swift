// SPDX-License-Identifier: GPL-3.0-or-later

/// What the help of `run` and `toggle` says of counting on the running kernel.
enum InstructionLens {
    static let help = """
        --lens instructions counts the kernel's instructions per operation instead of time, by the \
        PMU, from the workers' first timed operation to the last. An interrupt's work, io_uring's \
        in softirqs included, counts with the worker that it interrupts; work in kernel threads \
        or on other CPUs is not seen. A slice in which others used the counter too is void. It \
        needs root, or kernel.perf_event_paranoid at 1 or less. A guest's own PMU is not used: \
        there the lens is a clock that counts instructions, and waiting for a timer or a disk \
        (null_blk's irqmode=2, virtio) counts like work.
        """
}
