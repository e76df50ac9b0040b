// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol

/// What a kernel was set to when it booted, as far as its speed may depend on it.
enum KernelSettings {
    /// Words that each guest and each machine has, or that say where its files are.
    private static let common: Set = [
        "tsc=reliable", "no_timer_check", "ro", "rw", "quiet", "splash", "nosplash",
    ]
    /// How other such words begin.
    private static let commonBeginnings = [
        "console=", "reboot=", "panic=", "random.trust_cpu=", "tsc_early_khz=", "brd.",
        "null_blk.nr_devices=", "BOOT_IMAGE=", "initrd=", "root=", "rootflags=", "rootfstype=",
        "loglevel=", "init_on_alloc=",
    ]

    /// `init_on_alloc=0 nosmt`; empty where nothing is set, or not known.
    ///
    /// - Parameters:
    ///   - guest: the guest that it ran in.
    ///   - boot: the boot of a machine that reboots.
    ///   - initOnAlloc: whether it fills what it allocates with zeros, where it says so.
    static func text(guest: GuestRecord?, boot: BootRecord?, initOnAlloc: Int?) -> String {
        let line = guest?.commandLine ?? boot?.commandLine ?? ""
        let words = line.split(separator: " ").map(String.init).filter { word in
            !common.contains(word) && !commonBeginnings.contains(where: word.hasPrefix)
        }
        let zeroing = initOnAlloc.map { ["init_on_alloc=\($0)"] } ?? []
        return (zeroing + words).joined(separator: " ")
    }

    /// The source that a kernel was built from, by its release: the version without the point
    /// release, `-rc3`, counts and hashes, and the name behind it, such as `6.12-plumbline` of
    /// `6.12.117-plumbline` and `6.1-amd64` of `6.1.0-18-amd64`.
    static func source(ofRelease release: String) -> String {
        let version = release.prefix { $0.isNumber || $0 == "." }
        var text = version.split(separator: ".").prefix(2).joined(separator: ".")
        var rest = release[version.endIndex...]
        while let separator = rest.first {
            let word = rest.dropFirst().prefix { $0 != "-" && $0 != "+" }
            rest = rest[word.endIndex...]
            if !isOfOneBuild(word) { text += "\(separator)\(word)" }
        }
        return text
    }

    /// Whether a part of a release tells builds of one source apart.
    private static func isOfOneBuild(_ word: Substring) -> Bool {
        func isNumber(_ text: Substring) -> Bool { text.allSatisfy { $0.isNumber || $0 == "." } }
        let hash = word.dropFirst()
        return isNumber(word) || word.hasPrefix("rc") && isNumber(word.dropFirst(2))
            || word.hasPrefix("g") && hash.count >= 7 && hash.allSatisfy(\.isHexDigit)
    }
}
