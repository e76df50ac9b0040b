// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import CShims
import SystemPackage

/// Small text files of the kernel, in `/proc`, `/sys` and cgroupfs, and the directories there.
public enum SystemFile {
    /// Reads a whole file with `read(2)`, bad UTF-8 repaired.
    ///
    /// - Throws: `fileTooLarge` past 16 MiB, and what the file's owner says.
    public static func read(_ path: String) throws(Errno) -> String {
        String(decoding: try readBytes(path), as: UTF8.self)
    }

    /// Reads a whole file with `read(2)`, up to 16 MiB.
    public static func readBytes(_ path: String) throws(Errno) -> [UInt8] {
        let file = try Descriptor.open(path)
        return try file.readAll()
    }

    /// Reads a file that holds one decimal number.
    ///
    /// - Throws: `outOfRange` when it holds anything else.
    public static func readInteger(_ path: String) throws(Errno) -> Int {
        let text = try read(path)
        guard let value = Int(text.trimmed) else { throw .outOfRange }
        return value
    }

    /// Writes a text with one `write(2)`, as the kernel's files want it; makes no file.
    ///
    /// - Throws: what the file's owner says, such as `invalidArgument` or `resourceBusy`.
    public static func write(_ text: String, to path: String) throws(Errno) {
        let file = try Descriptor.open(path, .write)
        try file.writeAll(text)
    }

    /// Whether there is a file of any kind, by `access(2)`.
    public static func exists(_ path: String) -> Bool { cshims_exists(path) == 0 }

    /// The names in a directory, sorted, by `readdir(3)`; without "." and "..".
    public static func list(_ directory: String) throws(Errno) -> [String] {
        var capacity = 16 << 10
        while true {
            do {
                return try list(directory, capacity: capacity).sorted()
            } catch {
                guard error == .outOfRange, capacity < 64 << 20 else { throw error }
                capacity *= 4
            }
        }
    }

    /// Makes a directory with `mkdir(2)`.
    ///
    /// - Throws: `fileExists` when there is something of the name.
    public static func makeDirectory(_ path: String, mode: UInt32 = 0o755) throws(Errno) {
        try checked(cshims_make_directory(path, mode))
    }

    /// Makes a directory and those above it with `mkdir(2)`; one that is there stays as it is.
    public static func makeDirectories(_ path: String, mode: UInt32) throws(Errno) {
        if exists(path) { return }
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            try makeDirectories(String(path[..<slash]), mode: mode)
        }
        do { try makeDirectory(path, mode: mode) } catch .fileExists { return }
    }

    /// Removes an empty directory, or a cgroup without tasks, with `rmdir(2)`.
    ///
    /// - Throws: `directoryNotEmpty`; `resourceBusy` for a cgroup in use.
    public static func removeDirectory(_ path: String) throws(Errno) {
        try checked(cshims_remove_directory(path))
    }

    /// Removes a file's name with `unlink(2)`.
    public static func unlink(_ path: String) throws(Errno) {
        try checked(cshims_unlink(path))
    }

    /// Gives a file a new name with `renameat2(2)`.
    ///
    /// - Parameter replaces: whether a file of the new name is replaced.
    /// - Throws: `fileExists` when there is one and it is not to be replaced.
    public static func rename(
        _ path: String, to name: String, replacing replaces: Bool
    ) throws(Errno) {
        try checked(cshims_rename(path, name, replaces))
    }

    /// The absolute path of the program that this process runs, also after it was replaced.
    ///
    /// - Throws: `noSuchFileOrDirectory` where proc is not mounted.
    public static func ownProgram() throws(Errno) -> String {
        let path = try names(capacity: 4096) { buffer, capacity in
            cshims_read_link("/proc/self/exe", buffer, capacity)
        }.joined()
        let mark = " (deleted)"
        return path.hasSuffix(mark) ? String(path.dropLast(mark.count)) : path
    }

    /// The absolute path of a file without symbolic links.
    ///
    /// - Throws: `noSuchFileOrDirectory` where there is none, or where proc is not mounted.
    public static func resolve(_ path: String) throws(Errno) -> String {
        let place = try Descriptor.open(path, .place)
        let number = place.rawValue
        return try names(capacity: 4096) { buffer, capacity in
            cshims_read_link("/proc/self/fd/\(number)", buffer, capacity)
        }.joined()
    }

    /// Whether a path is that of a symbolic link; also of one that leads nowhere.
    public static func isLink(_ path: String) -> Bool {
        let target = try? names(capacity: 4096) { buffer, capacity in
            cshims_read_link(path, buffer, capacity)
        }
        return target != nil
    }

    private static func list(_ directory: String, capacity: Int) throws(Errno) -> [String] {
        try names(capacity: capacity) { buffer, capacity in
            cshims_list_directory(directory, buffer, capacity)
        }
    }

    /// The texts that a shim puts one after the other, each ended by a NUL.
    static func names(
        capacity: Int, _ fill: (UnsafeMutablePointer<CChar>?, UInt64) -> Int64
    ) throws(Errno) -> [String] {
        let buffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: capacity)
        defer { buffer.deallocate() }
        let used = try checked(fill(buffer.baseAddress, UInt64(capacity)))
        return UnsafeRawBufferPointer(buffer)[..<used].split(
            separator: 0, omittingEmptySubsequences: false
        ).dropLast().map { String(decoding: $0, as: UTF8.self) }
    }
}
