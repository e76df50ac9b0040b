// SPDX-License-Identifier: GPL-3.0-or-later

/// The names of I/O errors (errno(3)).
enum ErrnoName {
    private static let names: [Int32: String] = [
        1: "EPERM", 2: "ENOENT", 4: "EINTR", 5: "EIO", 6: "ENXIO", 9: "EBADF", 11: "EAGAIN",
        12: "ENOMEM", 13: "EACCES", 14: "EFAULT", 16: "EBUSY", 19: "ENODEV", 22: "EINVAL",
        27: "EFBIG", 28: "ENOSPC", 30: "EROFS", 32: "EPIPE", 61: "ENODATA", 84: "EILSEQ",
        95: "EOPNOTSUPP", 105: "ENOBUFS", 110: "ETIMEDOUT", 121: "EREMOTEIO", 125: "ECANCELED",
        52: "EBADE", 62: "ETIME", 74: "EBADMSG", 117: "EUCLEAN",
    ]

    /// The symbol of an error number, or `errno-N` for a number without a name here.
    static func of(_ errno: Int32) -> String { names[errno] ?? "errno-\(errno)" }
}
