// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Glibc
import Linux
import SystemPackage

/// The user's directory for what can be made again (sources, objects, kernels, initramfs, results
/// of KVM trials), and how files get into it.
package enum UserCache {
    /// The prefix of the files with the results of KVM trials.
    package static let acceleratorPrefix = "kvm-"
    /// The prefix of an initramfs that is being made.
    package static let initramfsPrefix = "making-"

    /// `$XDG_CACHE_HOME/plumbline`, else `~/.cache/plumbline`.
    ///
    /// Source: the XDG Base Directory Specification 0.8.
    /// - Throws: `failure` when the environment names no directory.
    package static func root(_ environment: [String: String]) throws(PlumblineError) -> String {
        if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
            var facts = stat()
            if stat(cache, &facts) == 0, facts.st_mode & S_IFMT != S_IFDIR {
                throw .failure(
                    "XDG_CACHE_HOME is \(cache), which is not a directory",
                    remedy: "set it to a directory that you may write to, or unset it")
            }
            return "\(cache)/plumbline"
        }
        if let home = environment["HOME"], home.hasPrefix("/") { return "\(home)/.cache/plumbline" }
        throw .failure("no directory for the cache", remedy: "set HOME or XDG_CACHE_HOME")
    }

    /// Makes a directory and those above it.
    package static func makeDirectory(_ path: String) throws(PlumblineError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw failure("cannot make the directory \(path)", Errno(rawValue: errno))
        }
    }

    static func makeParent(of path: String) throws(PlumblineError) {
        if let slash = path.lastIndex(of: "/") { try makeDirectory(String(path[..<slash])) }
    }

    static func remove(_ path: String) {
        guard SystemFile.exists(path) else { return }
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file and syncs it: after a crash the path has the old content or the new one.
    static func write(_ bytes: [UInt8], to path: String) throws(PlumblineError) {
        let temporary = "\(path).\(ChildProcess.currentID).new"
        do {
            let file = try Descriptor.open(temporary, [.write, .create, .truncate])
            try file.writeAll(bytes)
            try file.sync()
        } catch {
            try? SystemFile.unlink(temporary)
            throw failure("cannot write \(path)", error)
        }
        try rename(temporary, to: path)
    }

    /// Renames a file or directory, and syncs the directory.
    package static func rename(_ from: String, to path: String) throws(PlumblineError) {
        guard Glibc.rename(from, path) == 0 else {
            throw failure("cannot make \(path)", Errno(rawValue: errno))
        }
        guard let slash = path.lastIndex(of: "/") else { return }
        let directory = String(path[..<slash])
        do {
            let file = try Descriptor.open(directory)
            try file.sync()
        } catch {
            throw failure("cannot sync \(directory)", error)
        }
    }

    /// The content of a file.
    ///
    /// - Throws: `failure` when it cannot be read.
    static func bytes(_ path: String, limit: Int = 64 << 20) throws(PlumblineError) -> [UInt8] {
        do {
            let file = try Descriptor.open(path)
            return try file.readAll(limit: limit)
        } catch {
            throw .failure("cannot read \(path): \(error)")
        }
    }

    /// The content of a file that the user names.
    ///
    /// - Parameter what: what the file is, for the error.
    /// - Throws: `usage` when it cannot be read.
    static func userText(
        _ what: String, at path: String, limit: Int
    ) throws(PlumblineError) -> String {
        do {
            // Non-blocking, for a pipe without a writer.
            let file = try Descriptor.open(path, [.read, .nonblocking])
            return String(decoding: try file.readAll(limit: limit), as: UTF8.self)
        } catch {
            throw .usage("cannot read the \(what) \(path): \(error)")
        }
    }

    /// The content of a text file; nil when it cannot be read.
    static func text(_ path: String) -> String? {
        (try? bytes(path)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Waits for a lock and takes it; it is held as long as the descriptor is open.
    static func lock(
        _ path: String, isInterrupted: @Sendable () -> Bool, whileWaiting: () -> Void
    ) async throws(PlumblineError) -> Descriptor {
        var isWaiting = false
        while true {
            do {
                let file = try Descriptor.open(path, [.write, .create])
                try file.lockExclusively()
                return file
            } catch {
                guard error == .wouldBlock else { throw failure("cannot lock \(path)", error) }
            }
            if !isWaiting { whileWaiting() }
            isWaiting = true
            if isInterrupted() { throw PlumblineError(.interrupted, "interrupted") }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    /// The error for a system call on a file of the cache.
    static func failure(_ what: String, _ error: Errno) -> PlumblineError {
        if error == .noSpace || error == .diskQuotaExceeded,
            let full = BuildFailure.diskFull(in: ["ENOSPC"], while: what)
        {
            return full
        }
        return .failure(
            "\(what): \(error)",
            remedy: "set XDG_CACHE_HOME to a directory that you may write to")
    }
}
