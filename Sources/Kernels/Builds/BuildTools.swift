// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// The programs and headers that a kernel build needs.
enum BuildTools {
    /// A program in PATH or an absolute path, and the Debian package that has it; in the order of
    /// the message.
    private static let needs = [
        ("make", "make"), ("gcc", "gcc"), ("ld", "binutils"), ("flex", "flex"),
        ("bison", "bison"), ("bc", "bc"), ("patch", "patch"), ("xz", "xz-utils"),
        ("cpio", "cpio"), ("perl", "perl"), ("/usr/include/libelf.h", "libelf-dev"),
        ("/usr/include/openssl/ssl.h", "libssl-dev"),
    ]

    /// The directories of a PATH; the usual ones when it is empty.
    static func directories(_ path: String) -> [String] {
        path.isEmpty ? ["/usr/bin", "/bin"] : path.split(separator: ":").map(String.init)
    }

    /// The packages that are not installed.
    static func missing(
        path: String, exists: (String) -> Bool = { SystemFile.exists($0) }
    ) -> [String] {
        needs.filter { place, _ in
            place.hasPrefix("/")
                ? !exists(place) : !directories(path).contains { exists("\($0)/\(place)") }
        }.map(\.1)
    }

    static func refuse(missing packages: [String], isRoot: Bool) throws(PlumblineError) {
        guard !packages.isEmpty else { return }
        throw .failure(
            "cannot build a kernel without \(packages.joined(separator: ", "))",
            remedy: "\(isRoot ? "" : "sudo ")apt-get install \(packages.joined(separator: " "))")
    }
}
