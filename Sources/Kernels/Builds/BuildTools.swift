// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// The programs and headers that a kernel is built with.
enum BuildTools {
    /// Something that must be there, and the Debian package that has it.
    struct Need: Sendable, Equatable {
        /// Where it may be: names in PATH, or absolute paths of which one is enough.
        var places: [String]
        var package: String
    }

    /// What a build needs on Debian 12, in the order of the message.
    static let needs = [
        Need(places: ["make"], package: "make"), Need(places: ["gcc"], package: "gcc"),
        Need(places: ["ld"], package: "binutils"), Need(places: ["flex"], package: "flex"),
        Need(places: ["bison"], package: "bison"), Need(places: ["bc"], package: "bc"),
        Need(places: ["patch"], package: "patch"), Need(places: ["xz"], package: "xz-utils"),
        Need(places: ["cpio"], package: "cpio"), Need(places: ["perl"], package: "perl"),
        Need(places: ["/usr/include/libelf.h"], package: "libelf-dev"),
        Need(places: ["/usr/include/openssl/ssl.h"], package: "libssl-dev"),
    ]

    /// Where programs are looked up: a PATH, or the usual directories without one.
    static func directories(_ path: String) -> [String] {
        path.isEmpty ? ["/usr/bin", "/bin"] : path.split(separator: ":").map(String.init)
    }

    /// The packages of what is not there.
    static func missing(
        path: String, exists: (String) -> Bool = { SystemFile.exists($0) }
    ) -> [String] {
        needs.filter { need in
            !need.places.contains { place in
                place.hasPrefix("/")
                    ? exists(place) : directories(path).contains { exists("\($0)/\(place)") }
            }
        }.map(\.package)
    }

    /// Refuses to begin what cannot be finished.
    ///
    /// - Throws: `failure` naming the packages and the command that installs them.
    static func require(path: String) throws(PlumblineError) {
        try refuse(missing(path: path), isRoot: ChildProcess.userID == 0)
    }

    static func refuse(_ packages: [String], isRoot: Bool) throws(PlumblineError) {
        guard !packages.isEmpty else { return }
        throw .failure(
            "a kernel cannot be built here without \(packages.joined(separator: ", "))",
            remedy: "\(isRoot ? "" : "sudo ")apt-get install \(packages.joined(separator: " "))")
    }
}
