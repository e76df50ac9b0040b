// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import Configuration
import Linux
import SystemPackage

/// Makes a guest's initramfs, and keeps it for the next guest with the same contents.
public enum Initramfs {
    /// Compressed bytes that a suite's initramfs stays below.
    public static let sizeLimit = 12 << 20

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
        let archive = try archive(contents)
        let directory = "\(cache)/initramfs"
        let path = "\(directory)/\(name(of: archive)).cpio.gz"
        if SystemFile.exists(path) { return path }
        try UserCache.makeDirectory(directory)
        let raw = "\(directory)/making-\(ChildProcess.currentID)-\(UInt32.random(in: 0 ... .max))"
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
    static func archive(_ contents: InitramfsContents) throws(PlumblineError) -> [UInt8] {
        let files = try contents.files()
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

    private static func name(of archive: [UInt8]) -> String {
        let sum = archive.withUnsafeBytes { cshims_crc32c(0, $0.baseAddress, UInt64($0.count)) }
        return "\(String(sum, radix: 16))-\(archive.count)"
    }
}
