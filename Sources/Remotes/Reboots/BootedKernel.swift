// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol

/// Which kernel a machine booted, by its agent and by its files in /proc.
package struct BootedKernel: Sendable, Equatable {
    /// uname -r.
    package var release: String
    /// uname -v.
    package var build: String
    /// The GNU build id in hexadecimal, where the agent could read it.
    package var buildID: String?
    /// /proc/version.
    package var version: String
    /// /proc/cmdline.
    package var commandLine: String

    /// The kernel of a boot.
    package init(_ hello: Hello, _ boot: BootRecord) {
        release = hello.kernelRelease
        build = hello.kernelVersion
        buildID = hello.buildID
        version = boot.version
        commandLine = boot.commandLine
    }

    /// The kernel in words: `6.1.0-18-amd64 #1 SMP …, build id ab12cd34ef56`.
    package var words: String {
        "\(release) \(build)" + (buildID.map { ", build id \($0.prefix(12))" } ?? "")
    }

    /// The first thing in which another boot differs; nil when it is the same kernel with the same
    /// command line.
    ///
    /// - Returns: `release 6.1.0-18-amd64 instead of 6.1.0-patched`.
    package func difference(from other: BootedKernel) -> String? {
        let parts = [
            ("release", release, other.release), ("build id", buildID ?? "", other.buildID ?? ""),
            ("uname -v", build, other.build), ("/proc/version", version, other.version),
            ("command line", commandLine, other.commandLine),
        ]
        return parts.first { $0.1 != $0.2 }.map { "\($0.0) '\($0.1)' instead of '\($0.2)'" }
    }

    /// The first thing that is not as expected; nil when all is.
    package func difference(from expected: ExpectedKernel) -> String? {
        if let wanted = expected.release, wanted != release {
            return "release '\(release)' instead of '\(wanted)'"
        }
        if let wanted = expected.buildID, buildID?.hasPrefix(wanted) != true {
            return "build id '\(buildID ?? "unknown")' instead of '\(wanted)'"
        }
        if let wanted = expected.version, !version.contains(wanted) {
            return "/proc/version '\(version)' without '\(wanted)'"
        }
        let words = commandLine.words
        if let missing = expected.commandLine.first(where: { !words.contains($0) }) {
            return "the command line '\(commandLine)' without '\(missing)'"
        }
        return nil
    }
}
