// SPDX-License-Identifier: GPL-3.0-or-later

/// The command lines of a build, as pure functions.
enum BuildCommand {
    /// What of the environment changes a build and is none of the user's wishes.
    private static let unset = [
        "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "KBUILD_OUTPUT", "O", "ARCH",
        "CROSS_COMPILE", "LOCALVERSION", "KCONFIG_CONFIG", "KCONFIG_ALLCONFIG", "KCFLAGS", "W",
        "V", "SUBARCH", "INSTALL_PATH",
    ]

    /// Equal inputs give equal images: no date, no user, no machine, no counter of builds.
    private static let fixed = [
        "KBUILD_BUILD_TIMESTAMP=1970-01-01 00:00:00 UTC", "KBUILD_BUILD_USER=plumbline",
        "KBUILD_BUILD_HOST=plumbline", "KBUILD_BUILD_VERSION=1",
    ]

    /// `make` for a target, out of tree.
    ///
    /// - Parameters:
    ///   - lock: held by make and all that it starts, so that what a killed Plumbline left
    ///     running is never joined by a second make.
    ///   - variables: more of `NAME=value`.
    static func make(
        source: String, output: String, lock: String, jobs: Int, variables: [String] = [],
        targets: [String]
    ) -> [String] {
        ["flock", "--nonblock", "--conflict-exit-code", "\(lockedCode)", lock, "env"]
            + unset.flatMap { ["-u", $0] } + fixed
            + ["make", "-C", source, "O=\(output)", "ARCH=x86_64", "-j\(jobs)"] + variables
            + targets
    }

    /// The exit code of a `make` that found another one at work.
    static let lockedCode: Int32 = 75

    /// The bzImage's place in a build directory.
    static let image = "arch/x86/boot/bzImage"

    /// `make` variables that give a kernel its release.
    static func release(_ localVersion: String) -> [String] { ["LOCALVERSION=\(localVersion)"] }

    /// What follows the version in `uname -r`: at most 64 bytes with it.
    static func localVersion(of name: String, version: String) -> String {
        let tail = name.hasPrefix(version) ? name.dropFirst(version.count) : name[...]
        let plain = tail.map {
            $0.isASCII && ($0.isLetter || $0.isNumber || "+-._".contains($0)) ? $0 : "-"
        }
        return String(("-plumbline" + String(plain)).prefix(48))
    }

    /// Tries a patch on a tree without changing it.
    static func tryPatch(_ file: String, isReverted: Bool) -> [String] {
        patch(file, isReverted: isReverted) + ["--dry-run"]
    }

    /// Applies a patch to the tree in the working directory, asking nothing.
    static func patch(_ file: String, isReverted: Bool) -> [String] {
        ["patch", "-p1", "--forward", "--batch", "--no-backup-if-mismatch", "--reject-file=-"]
            + (isReverted ? ["--reverse"] : []) + ["--input=\(file)"]
    }

    /// Every option that a source's Kconfig files declare, one `config NAME` a line.
    static func declaredOptions(in source: String) -> [String] {
        [
            "grep", "-rhoE", "^[[:space:]]*(menu)?config [A-Za-z0-9_]+", "--include=Kconfig*",
            source,
        ]
    }

    /// Removes objects that a kill has left half made: they are younger than the file that
    /// kbuild writes once an object is complete.
    static func removeHalfMade(in output: String) -> [String] {
        [
            "sh", "-c",
            """
            find "$1" -name '*.[oa]' -printf '%h %f\\n' | while read -r d f; do
              if [ "$d/$f" -nt "$d/.$f.cmd" ]; then rm -f "$d/$f"; fi
            done
            """, "sh", output,
        ]
    }
}
