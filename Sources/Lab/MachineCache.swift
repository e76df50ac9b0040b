// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import FoundationEssentials
import Glibc
import Host
import Linux
import SystemPackage

/// The user's directory for what can be made again: guests' initramfs, what was found out of KVM.
public enum MachineCache {
    /// `$XDG_CACHE_HOME/plumbline`, else `~/.cache/plumbline`.
    ///
    /// - Throws: `failure` without either variable.
    public static func path(_ environment: [String: String]) throws(PlumblineError) -> String {
        if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
            return "\(cache)/plumbline"
        }
        guard let home = environment["HOME"], home.hasPrefix("/") else {
            throw .failure("neither HOME nor XDG_CACHE_HOME is set", remedy: "set HOME")
        }
        return "\(home)/.cache/plumbline"
    }

    /// Makes a directory and those above it.
    static func prepare(_ directory: String) throws(PlumblineError) {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw .failure("cannot make \(directory): \(error)")
        }
    }

    /// Puts a finished file in its place, over one that is there.
    static func rename(_ from: String, _ to: String) throws(PlumblineError) {
        guard Glibc.rename(from, to) == 0 else {
            throw .failure("cannot rename \(from) to \(to): \(Errno(rawValue: errno))")
        }
    }
}
