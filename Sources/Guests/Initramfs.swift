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
        let links = contents.links(besides: files)
        let directory = "\(cache)/initramfs"
        let key = try hash(of: files, links: links)
        let path = "\(directory)/\(key.prefix(32)).cpio.gz"
        if SystemFile.exists(path) {
            CacheFile.touch(path)
            return path
        }
        let archive = try archive(
            files, links: links, empty: contents.programs.directories)
        guard try hash(of: files, links: links) == key else {
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

    /// The uncompressed archive: directories, the console's device, the files, then the links.
    static func archive(
        _ files: [String: String], links: [String: String] = [:], empty: [String] = []
    ) throws(PlumblineError) -> [UInt8] {
        var archive = InitramfsArchive()
        var made: Set<String> = []
        let paths = files.keys.sorted() + links.keys.sorted()
        for directory in directories + empty + paths.flatMap(parents) {
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
        for (path, target) in links.sorted(by: { $0.key < $1.key }) {
            archive.addLink(path, to: target)
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

    /// Files whose hashes one program is asked for.
    private static let filesAtOnce = 500

    /// The SHA-256 of an archive's paths and links, and of the files' contents.
    private static func hash(
        of files: [String: String], links: [String: String]
    ) throws(PlumblineError) -> String {
        let paths = files.keys.sorted()
        let sources = paths.compactMap { files[$0] }
        var sums: [String] = []
        for start in stride(from: 0, to: sources.count, by: filesAtOnce) {
            sums += try Self.sums(
                of: Array(sources[start..<min(start + filesAtOnce, sources.count)]))
        }
        let lines =
            zip(paths, sums).map { "\($0) \($1)" }
            + links.sorted { $0.key < $1.key }.map { "\($0.key) -> \($0.value)" }
        return BuildHash.hex(([scheme] + lines).joined(separator: "\n"))
    }

    private static func sums(of sources: [String]) throws(PlumblineError) -> [String] {
        let result: Command.Result
        do {
            result = try Command.run(
                ["sha256sum", "--"] + sources, outputLimit: 4 << 20, timeoutMilliseconds: 120_000)
        } catch {
            throw .failure("cannot run sha256sum: \(error)", remedy: "apt-get install coreutils")
        }
        let lines = result.output.split(separator: "\n")
        guard result.succeeded, !result.isTruncated, lines.count == sources.count else {
            let error = lines.first { $0.hasPrefix("sha256sum: ") }?.dropFirst("sha256sum: ".count)
            throw .failure("cannot read the guest's files: \(error ?? "no output of sha256sum")")
        }
        // A name with a backslash or a line end has a backslash before the hash.
        return lines.map { String($0.drop { $0 == "\\" }.prefix(64)) }
    }
}
