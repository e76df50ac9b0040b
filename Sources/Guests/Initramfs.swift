// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Kernels
import Linux
import SystemPackage

/// Makes a guest's initramfs, and keeps it for the next guest with the same contents.
enum Initramfs {
    /// The largest compressed initramfs in bytes, which a test checks for a release.
    static let sizeLimit = 12 << 20

    private static let directories = [
        "/dev", "/etc", "/proc", "/run", "/sbin", "/sys", "/tmp",
    ]

    /// The path of an archive with these contents, made unless it is there.
    ///
    /// - Parameter cache: the directory that keeps it.
    static func make(_ contents: InitramfsContents, cache: String) throws(PlumblineError) -> String
    {
        let files = try contents.files()
        let directory = "\(cache)/initramfs"
        let key = try hash(of: files)
        let path = "\(directory)/\(key.prefix(32)).cpio.gz"
        if SystemFile.exists(path) {
            CacheFile.touch(path)
            return path
        }
        let archive = try archive(files)
        guard try hash(of: files) == key else {
            throw .failure(
                "the agent or a helper changed while the guest's initramfs was made",
                remedy: "run it again after the build or installation has ended")
        }
        try UserCache.makeDirectory(directory)
        CacheFile.pruneUnused(in: directory)
        let raw =
            "\(directory)/\(UserCache.initramfsPrefix)\(ChildProcess.currentID)-"
            + "\(UInt32.random(in: 0 ... .max))"
        defer { for file in [raw, "\(raw).gz"] { try? SystemFile.unlink(file) } }
        let remedy = "free some space, or set XDG_CACHE_HOME to a directory with more"
        do {
            let file = try Descriptor.open(raw, [.write, .create, .exclusive])
            try file.writeAll(archive)
            let result = try Command.run(["gzip", "-n", "-6", raw], timeoutMilliseconds: 120_000)
            guard result.succeeded else {
                throw PlumblineError.failure("gzip failed: \(result.output)", remedy: remedy)
            }
        } catch let error as PlumblineError {
            throw error
        } catch Errno.noSuchFileOrDirectory {
            throw .failure("gzip is not installed", remedy: "apt-get install gzip")
        } catch {
            throw .failure("cannot make \(path): \(error)", remedy: remedy)
        }
        try UserCache.rename("\(raw).gz", to: path)
        return path
    }

    /// The uncompressed archive: directories, the console's device, then the files.
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

    /// The directories above a path, from the top.
    static func parents(_ path: String) -> [String] {
        let names = path.split(separator: "/").dropLast()
        return names.indices.map { "/" + names[...$0].joined(separator: "/") }
    }

    /// Changes when the same files make another archive.
    private static let scheme = "initramfs 1"

    /// The SHA-256 of an archive's paths and of the files' contents.
    private static func hash(of files: [String: String]) throws(PlumblineError) -> String {
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
            let error = lines.first { $0.hasPrefix("sha256sum: ") }?.dropFirst("sha256sum: ".count)
            throw .failure("cannot read the guest's files: \(error ?? "no output of sha256sum")")
        }
        // A name with a backslash has one before the hash.
        let sums = lines.map { $0.drop { $0 == "\\" }.prefix(64) }
        return BuildHash.hex(
            ([scheme] + zip(paths, sums).map { "\($0) \($1)" }).joined(separator: "\n"))
    }
}
