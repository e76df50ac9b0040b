// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Kernels
import Linux
import SystemPackage

/// Makes a guest's initramfs, and keeps it for the next guest with the same contents.
public enum Initramfs {
    /// Compressed bytes that an initramfs shall stay below, which a test holds a release to.
    public static let sizeLimit = 12 << 20

    static let stagingPrefix = UserCache.initramfsPrefix

    private static let directories = [
        "/dev", "/etc", "/proc", "/run", "/sbin", "/sys", "/tmp",
    ]

    /// The path of an archive with these contents, made unless it is there.
    ///
    /// - Parameter cache: the directory that keeps it.
    /// - Throws: `failure` when a file cannot be read or written, or gzip fails.
    public static func make(
        _ contents: InitramfsContents, cache: String
    ) throws(PlumblineError) -> String {
        let files = try contents.files()
        let directory = "\(cache)/initramfs"
        let key = try digest(of: files)
        let path = "\(directory)/\(key.prefix(32)).cpio.gz"
        if SystemFile.exists(path) {
            CacheFile.touch(path)
            return path
        }
        let archive = try archive(files)
        guard try digest(of: files) == key else {
            throw .failure(
                "the agent or a helper changed while the guest's initramfs was made",
                remedy: "run it again once nothing is being built or installed")
        }
        try UserCache.makeDirectory(directory)
        CacheFile.pruneUnused(in: directory)
        let raw =
            "\(directory)/\(stagingPrefix)\(ChildProcess.currentID)-\(UInt32.random(in: 0 ... .max))"
        defer { try? SystemFile.unlink(raw) }
        do {
            let file = try Descriptor.open(raw, [.write, .create, .exclusive])
            try file.writeAll(archive)
            let result = try Command.run(["gzip", "-n", "-6", raw], timeoutMilliseconds: 120_000)
            guard result.succeeded else {
                throw PlumblineError.failure("gzip failed: \(result.output)")
            }
        } catch let error as PlumblineError {
            throw error
        } catch Errno.noSuchFileOrDirectory {
            throw .failure("there is no gzip", remedy: "apt-get install gzip")
        } catch {
            throw .failure("cannot make \(path): \(error)")
        }
        try UserCache.rename("\(raw).gz", to: path)
        return path
    }

    /// The archive, uncompressed: directories, the console's node, then the files in their order.
    static func archive(_ files: [String: String]) throws(PlumblineError) -> [UInt8] {
        var archive = InitramfsArchive()
        var made: Set<String> = []
        for directory in directories + files.keys.sorted().flatMap(parents) {
            if made.insert(directory).inserted { archive.addDirectory(directory) }
        }
        archive.addCharacterDevice("/dev/console", major: 5, minor: 1)
        for (path, source) in files.sorted(by: { $0.key < $1.key }) {
            do {
                let bytes = try Descriptor.open(source).readAll(limit: 256 << 20)
                archive.addFile(path, bytes, mode: 0o755)
            } catch {
                throw .failure("cannot read \(source) for the guest: \(error)")
            }
        }
        archive.end()
        return archive.bytes
    }

    /// The directories above a path, the uppermost first.
    static func parents(_ path: String) -> [String] {
        let names = path.split(separator: "/").dropLast()
        return names.indices.map { "/" + names[...$0].joined(separator: "/") }
    }

    /// A new one for every change of what an archive of the same files looks like.
    private static let scheme = "initramfs 1"

    /// The SHA-256 of an archive's paths and of what stands in its files.
    private static func digest(of files: [String: String]) throws(PlumblineError) -> String {
        let paths = files.keys.sorted()
        let sources = paths.compactMap { files[$0] }
        let result: Command.Result
        do {
            result = try Command.run(["sha256sum", "--"] + sources, timeoutMilliseconds: 120_000)
        } catch {
            throw .failure("cannot run sha256sum: \(error)", remedy: "apt-get install coreutils")
        }
        let lines = result.output.split(separator: "\n")
        guard result.succeeded, !result.isTruncated, lines.count == sources.count else {
            let said = lines.first { $0.hasPrefix("sha256sum: ") }?.dropFirst("sha256sum: ".count)
            throw .failure("cannot read what goes into the guest: \(said ?? "no digest")")
        }
        // A name with a backslash has one before the digest.
        let sums = lines.map { $0.drop { $0 == "\\" }.prefix(64) }
        return BuildDigest.hex(
            ([scheme] + zip(paths, sums).map { "\($0) \($1)" }).joined(separator: "\n"))
    }
}
