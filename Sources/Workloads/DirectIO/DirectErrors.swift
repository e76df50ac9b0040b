// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

/// What the kernel refuses a direct-I/O cell, in words and with the remedy.
enum DirectErrors {
    /// `open(2)` without O_DIRECT failed.
    static func open(_ path: String, _ error: Errno, writes: Bool) -> PlumblineError {
        switch error {
        case .noSuchFileOrDirectory:
            .usage(
                "dio: there is no file \(path)",
                remedy: "leave filename out to have one made, or name an existing one")
        case .permissionDenied, .notPermitted:
            .failure(
                "dio: no permission to \(writes ? "write" : "read") \(path)",
                remedy: "run as a user who may, or leave filename out to have a file made")
        case .tooManyOpenFiles:
            .failure(
                "dio: too many open files to open \(path)",
                remedy: "raise the limit (ulimit -n), or set a smaller numjobs")
        case .isDirectory:
            isDirectory(path)
        case .noSuchAddressOrDevice:
            .usage(
                "dio: there is no device behind \(path) (\(error))",
                remedy: "name a regular file or a block device")
        default:
            .failure("dio: cannot open \(path): \(error)")
        }
    }

    /// O_NOATIME was asked for and refused.
    static func accessTime(_ path: String) -> PlumblineError {
        .failure(
            "dio: noatime=1 is not permitted for \(path), which belongs to another user",
            remedy: "leave noatime out, or run as the file's owner or as root")
    }

    static func isDirectory(_ path: String) -> PlumblineError {
        .usage(
            "dio: \(path) is a directory",
            remedy: "name a file, or set directory=\(path) to have files made there")
    }

    /// The file system has no direct I/O, or none that reaches a device.
    static func noDirectIO(_ path: String, fileSystem: String) -> PlumblineError {
        .usage(
            "dio: \(path) is on \(fileSystem), where direct I/O reaches no device",
            remedy: "choose a directory on ext4, XFS or btrfs, or storage=zram:ext4")
    }

    /// `statx(2)` told that there is none, though `open(2)` took O_DIRECT.
    static func toldNoDirectIO(_ path: String, fileSystem: String) -> PlumblineError {
        .usage(
            "dio: \(path) on \(fileSystem) has no direct I/O, as the kernel tells "
                + "(STATX_DIOALIGN is 0), and would be read through the page cache",
            remedy: "choose a place that is not encrypted, not under verity and not mounted with "
                + "data=journal, or storage=zram:ext4")
    }

    static func noSpace(_ path: String, needs: Int, has: Int) -> PlumblineError {
        .failure(
            "dio: no space for \(path): it needs \(ByteSize(needs).approximate), "
                + "the file system has \(ByteSize(has).approximate) free",
            remedy: "set a smaller size or numjobs, or another directory")
    }

    static func tooSmall(_ path: String, has: Int, _ plan: DirectWorkload) -> PlumblineError {
        let (jobs, needs) = (plan.jobs, plan.jobs * plan.regionSize)
        let fits = has / jobs / plan.blockSize * plan.blockSize
        return .usage(
            "dio: \(path) is too small: \(jobs) job\(jobs == 1 ? "" : "s") with size="
                + "\(ByteSize(needs / jobs)) need \(ByteSize(needs)), it has \(ByteSize(has))",
            remedy: fits > 0
                ? "set size=\(fits) or less, a multiple of bs"
                : "name one of at least \(jobs * plan.blockSize) bytes, a block for each job, or "
                    + "set a smaller bs and size")
    }

    /// `io_uring_setup(2)` failed.
    ///
    /// - Parameter disabled: what `kernel.io_uring_disabled` says; `nil` where there is none.
    static func ring(_ error: Errno, depth: Int, disabled: Int?) -> PlumblineError {
        let sync = "set ioengine=psync"
        switch (error, disabled) {
        case (.notPermitted, .some(1)):
            return .failure(
                "dio: io_uring is switched off for this user (kernel.io_uring_disabled=1)",
                remedy: "run as root, join the group of kernel.io_uring_group, "
                    + "run sysctl kernel.io_uring_disabled=0, or \(sync)")
        case (.notPermitted, .some(2)):
            return .failure(
                "dio: io_uring is switched off (kernel.io_uring_disabled=2)",
                remedy: "run sysctl kernel.io_uring_disabled=0, or \(sync)")
        case (.notPermitted, _), (.permissionDenied, _):
            return .failure(
                "dio: io_uring is forbidden here (\(error)), probably by a seccomp filter",
                remedy: "allow io_uring_setup, io_uring_enter and io_uring_register in the "
                    + "container's seccomp profile, or \(sync)")
        case (.noFunction, _):
            return .failure(
                "dio: this kernel has no io_uring, or a seccomp filter hides it",
                remedy: "use a kernel with CONFIG_IO_URING, mend the seccomp profile, or \(sync)")
        case (.noMemory, _):
            return .failure(
                "dio: no memory for a ring of \(depth) entries",
                remedy: "raise the locked-memory limit (ulimit -l) or set a smaller iodepth")
        case (.tooManyOpenFiles, _):
            return .failure(
                "dio: too many open files for a ring",
                remedy: "raise the limit (ulimit -n), or set a smaller numjobs")
        default:
            return .failure("dio: cannot make a ring of \(depth) entries: \(error)", remedy: sync)
        }
    }

    /// Registering buffers failed.
    ///
    /// - Parameter limit: `RLIMIT_MEMLOCK` in bytes; `nil` for none. The kernel counts all rings
    ///   of a user together.
    static func buffers(_ error: Errno, plan: DirectWorkload, limit: UInt64?) -> PlumblineError {
        let needs = plan.jobs * plan.depth * max(plan.blockSize, MappedMemory.pageSize)
        guard error == .noMemory, let limit else {
            return .failure(
                "dio: cannot register \(plan.depth) buffers of \(ByteSize(plan.blockSize)): "
                    + "\(error)", remedy: "set fixedbufs=0")
        }
        return .failure(
            "dio: fixedbufs=1 needs \(ByteSize(needs)) of locked memory, "
                + "the limit is \(ByteSize(Int(clamping: limit)))",
            remedy: "run ulimit -l \((needs + 1023) / 1024) as root beforehand, run as root, "
                + "or set fixedbufs=0")
    }

    static func noPolling(_ path: String, _ error: Errno) -> PlumblineError {
        .failure(
            "dio: hipri=1 needs a device that can be polled, \(path) cannot (\(error))",
            remedy: "set hipri=0; NVMe needs nvme.poll_queues, null_blk poll_queues")
    }

    static func misaligned(
        _ path: String, blockSize: Int, alignment: Int, source: DirectFile.AlignmentSource
    ) -> PlumblineError {
        let origin =
            switch source {
            case .statx: "statx STATX_DIOALIGN"
            case .blockDevice: "its block device's logical block"
            case .assumed: "assumed, as nothing tells"
            }
        return .usage(
            "dio: bs=\(blockSize) is not a multiple of \(alignment), "
                + "the direct-I/O alignment of \(path) (\(origin))",
            remedy: "choose a multiple of \(alignment), such as bs=\(max(alignment, 4096))")
    }
}
