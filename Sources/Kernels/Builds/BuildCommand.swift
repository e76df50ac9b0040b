// SPDX-License-Identifier: GPL-3.0-or-later

/// The command lines of a build, as pure functions.
enum BuildCommand {
    /// Variables of the environment that would change a build.
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
    ///   - lock: a file that make and its children lock, so that no second make runs beside one
    ///     that a killed plumbline left running.
    ///   - variables: further `NAME=value`.
    static func make(
        source: String, output: String, lock: String, jobs: Int, variables: [String] = [],
        targets: [String]
    ) -> [String] {
        ["flock", "--nonblock", "--conflict-exit-code", "\(lockedCode)", lock, "env"]
            + unset.flatMap { ["-u", $0] } + fixed
            + ["make", "-C", source, "O=\(output)", "ARCH=x86_64", "-j\(jobs)"] + variables
            + targets
    }

    /// The exit code when another make holds the lock.
    static let lockedCode: Int32 = 75

    /// The image's path in a build directory.
    static let image = "arch/x86/boot/bzImage"

    /// What follows the version in `uname -r`, which is at most 64 bytes as a whole.
    static func localVersion(of name: String, version: String) -> String {
        let tail = name.hasPrefix(version) ? name.dropFirst(version.count) : name[...]
        let plain = tail.map {
            $0.isASCII && ($0.isLetter || $0.isNumber || "+-._".contains($0)) ? $0 : "-"
        }
        return String(("-plumbline" + String(plain)).prefix(48))
    }

    /// Applies a patch to the tree in the working directory without questions.
    static func patch(_ file: String, isReverted: Bool, isDryRun: Bool) -> [String] {
        ["patch", "-p1", "--forward", "--batch", "--no-backup-if-mismatch", "--reject-file=-"]
            + (isReverted ? ["--reverse"] : []) + ["--input=\(file)"]
            + (isDryRun ? ["--dry-run"] : [])
    }

    /// Every option that a source's Kconfig files declare, one `config NAME` a line.
    static func declaredOptions(in source: String) -> [String] {
        [
            "grep", "-rhoE", "^[[:space:]]*(menu)?config [A-Za-z0-9_]+", "--include=Kconfig*",
            source,
        ]
    }

    /// Removes the partial objects that a kill leaves: they are younger than the file that kbuild
    /// writes when an object is complete.
    static func removePartialObjects(in output: String) -> [String] {
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
