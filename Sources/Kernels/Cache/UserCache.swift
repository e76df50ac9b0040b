// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Glibc
import Linux
import SystemPackage

/// The user's directory for what can be made again (sources, objects, kernels, initramfs, what was
/// found out of KVM), and how files come into it.
public enum UserCache {
    /// What the names of the files begin with that keep whether KVM works.
    package static let acceleratorPrefix = "kvm-"
    /// What the name of an initramfs begins with while it is made.
    package static let initramfsPrefix = "making-"

    /// `$XDG_CACHE_HOME/plumbline`, else `~/.cache/plumbline`.
    ///
    /// Source: the XDG Base Directory Specification 0.8.
    /// - Throws: `failure` where the environment names none, or something else.
    public static func root(_ environment: [String: String]) throws(PlumblineError) -> String {
        if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
            var facts = stat()
            if stat(cache, &facts) == 0, facts.st_mode & S_IFMT != S_IFDIR {
                throw .failure(
                    "XDG_CACHE_HOME is \(cache), which is no directory",
                    remedy: "set it to a directory that you may write to, or not at all")
            }
            return "\(cache)/plumbline"
        }
        if let home = environment["HOME"], home.hasPrefix("/") { return "\(home)/.cache/plumbline" }
        throw .failure(
            "there is no place for kernels and guests", remedy: "set HOME or XDG_CACHE_HOME")
    }

    /// Makes a directory and those above it.
    package static func makeDirectory(_ path: String) throws(PlumblineError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw failure("the directory \(path) cannot be made", Errno(rawValue: errno))
        }
    }

    /// Removes a file or a tree; what is not there is removed already.
    static func remove(_ path: String) {
        guard SystemFile.exists(path) else { return }
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file and brings it to the device: the old one or the whole new one is there.
    static func write(_ bytes: [UInt8], to path: String) throws(PlumblineError) {
        let temporary = "\(path).\(ChildProcess.currentID).new"
        do {
            let file = try Descriptor.open(temporary, [.write, .create, .truncate])
            try file.writeAll(bytes)
            try file.sync()
        } catch {
            try? SystemFile.unlink(temporary)
            throw failure("\(path) cannot be written", error)
        }
        try rename(temporary, to: path)
    }

    /// Gives a file or directory its final name at once, and brings the name to the device.
    package static func rename(_ from: String, to path: String) throws(PlumblineError) {
        guard Glibc.rename(from, path) == 0 else {
            throw failure("\(path) cannot be made", Errno(rawValue: errno))
        }
        if let slash = path.lastIndex(of: "/") { try sync(String(path[..<slash])) }
    }

    /// Brings a file or a directory's names to the device.
    static func sync(_ path: String) throws(PlumblineError) {
        do {
            let file = try Descriptor.open(path)
            try file.sync()
        } catch {
            throw failure("\(path) cannot be brought to the disk", error)
        }
    }

    /// A whole text file; nil when there is none.
    static func text(_ path: String) -> String? {
        guard let file = try? Descriptor.open(path),
            let bytes = try? file.readAll(limit: 64 << 20)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Takes a lock that lasts as long as the descriptor returned, waiting for another Plumbline.
    static func lock(
        _ path: String, isInterrupted: @Sendable () -> Bool, whileWaiting: () -> Void
    ) async throws(PlumblineError) -> Descriptor {
        var told = false
        while true {
            do {
                let file = try Descriptor.open(path, [.write, .create])
                try file.lockExclusively()
                return file
            } catch {
                guard error == .wouldBlock else { throw failure("\(path) cannot be locked", error) }
            }
            if !told { whileWaiting() }
            told = true
            if isInterrupted() { throw PlumblineError(.interrupted, "interrupted") }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    private static func failure(_ what: String, _ error: Errno) -> PlumblineError {
        if error == .noSpace || error == .diskQuotaExceeded,
            let full = BuildFailure.diskFull(in: ["No space left on device"], while: what)
        {
            return full
        }
        return .failure(
            "\(what): \(error)",
            remedy: "set XDG_CACHE_HOME to a directory that you may write to")
    }
}
