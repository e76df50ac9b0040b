// SPDX-License-Identifier: GPL-3.0-or-later

/// What the help of `run` and `toggle` says of counting instructions on the running kernel.
enum MetricHelp {
    static let help = """
        --metric pmu compares the kernel's instructions per operation instead of time. The PMU \
        counts them from the workers' first timed operation to the last. The work of an interrupt \
        counts with the worker that it interrupts, io_uring's in softirqs included. Work in kernel \
        threads or on other CPUs does not count. A slice is void when others used the counter too. \
        It needs root, or kernel.perf_event_paranoid at 1 or less. In a guest use --metric \
        instructions: the guest's clock counts instructions, and waiting for a timer or a disk \
        (null_blk's irqmode=2, virtio) counts like work.
        """
}
