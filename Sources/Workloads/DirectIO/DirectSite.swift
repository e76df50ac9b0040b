// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

/// The files or the device of a direct-I/O cell, checked and laid out: a region for each job.
struct DirectSite: Sendable {
    /// Where one job works.
    struct Region: Sendable {
        let path: String
        let layout: FileLayout
        /// Whether the region holds what `layout` says; a given file's contents are unknown.
        let isLaidOut: Bool
        /// Whether the other arm's workers may write to it between two slices.
        var isShared = false
    }

    /// By job.
    let regions: [Region]
    /// A block device that will be written; `nil` for none.
    private let written: String?

    let plan: DirectWorkload
    let contents: Contents

    init(_ plan: DirectWorkload, _ environment: WorkloadEnvironment) throws(PlumblineError) {
        self.plan = plan
        contents = Contents(plan)
        let given = plan.filename != nil || plan.storageName.hasPrefix("device:")
        let contents = contents
        func layout(_ job: Int, base: Int) -> FileLayout {
            FileLayout(
                base: base, bytes: plan.regionSize, job: job, seed: plan.seed ?? 0,
                contents: contents)
        }
        // A prepared file system has a device below it, which is not ours to touch.
        if plan.filename == nil, let directory = environment.directory {
            regions = (0..<plan.jobs).map { job in
                let layout = layout(job, base: 0)
                let name = layout.fileName(contents, job: job)
                return Region(path: "\(directory)/\(name)", layout: layout, isLaidOut: true)
            }
            written = nil
            try layOutFiles(directory, environment)
        } else if let path = plan.filename ?? environment.device {
            regions = (0..<plan.jobs).map { job in
                Region(
                    path: path, layout: layout(job, base: job * plan.regionSize),
                    isLaidOut: !given, isShared: environment.isShared)
            }
            written = try Self.check(path, for: plan, in: environment)
            if !given { try layOutDevice(environment, holding: try claim()) }
        } else {
            throw .failure(
                "dio: storage=\(plan.storageName) was prepared without a directory and a device")
        }
    }

    /// Keeps the device from being mounted while it is written; `nil` where none is.
    func claim() throws(PlumblineError) -> DeviceClaim? {
        try written.map { path throws(PlumblineError) in try DeviceClaim.shared(path) }
    }

    /// Checks a given file or a device.
    ///
    /// - Returns: the path, where it is a block device that will be written.
    private static func check(
        _ path: String, for plan: DirectWorkload, in environment: WorkloadEnvironment
    ) throws(PlumblineError) -> String? {
        let writes = plan.access.writes
        let kind = try examine(path, writes: writes)
        switch kind {
        case .regular: break
        case .blockDevice:
            if writes, environment.device == nil {
                throw .usage(
                    "dio: \(path) is a block device",
                    remedy: "name it by its path below /dev, so that it is checked to be free")
            }
        case .directory: throw DirectErrors.isDirectory(path)
        default:
            throw .usage(
                "dio: \(path) is no regular file and no block device", remedy: "name one of these")
        }
        let file = try openDirect(path, writes ? .readWrite : .read, for: plan)
        let needs = plan.jobs * plan.regionSize
        guard file.size >= needs else {
            throw DirectErrors.tooSmall(path, has: file.size, plan)
        }
        return kind == .blockDevice && writes ? path : nil
    }

    /// What a path names; without O_DIRECT, so that each reason to refuse it has its own words.
    private static func examine(
        _ path: String, writes: Bool
    ) throws(PlumblineError) -> FileFacts.Kind {
        let kind: FileFacts.Kind
        let fileSystem: FileSystemFacts
        do {
            let plain = try Descriptor.open(path, .nonblocking)
            kind = try plain.facts().kind
            fileSystem = try plain.filesystem()
        } catch {
            throw DirectErrors.open(path, error, writes: writes)
        }
        if kind == .regular, fileSystem.isInMemory {
            throw DirectErrors.noDirectIO(path, fileSystem: fileSystem.name)
        }
        return kind
    }

    /// Opens for direct I/O, without changes of the access time where `noatime` wants that, and
    /// checks the alignment.
    static func openDirect(
        _ path: String, _ options: OpenOptions, for plan: DirectWorkload
    ) throws(PlumblineError) -> DirectFile {
        let file: DirectFile
        do {
            file = try open(path, options, keepsAccessTime: plan.keepsAccessTime)
        } catch .notPermitted where plan.keepsAccessTime == true {
            throw DirectErrors.accessTime(path)
        } catch .invalidArgument {
            throw DirectErrors.noDirectIO(path, fileSystem: fileSystem(of: path))
        } catch .notSupported {
            throw DirectErrors.toldNoDirectIO(path, fileSystem: fileSystem(of: path))
        } catch {
            throw DirectErrors.open(path, error, writes: plan.access.writes)
        }
        guard plan.blockSize.isMultiple(of: file.alignment) else {
            throw DirectErrors.misaligned(
                path, blockSize: plan.blockSize, alignment: file.alignment,
                source: file.alignmentSource)
        }
        return file
    }

    /// - Parameter keepsAccessTime: `nil` for where that is permitted.
    private static func open(
        _ path: String, _ options: OpenOptions, keepsAccessTime: Bool?
    ) throws(Errno) -> DirectFile {
        if keepsAccessTime == false { return try DirectFile(path, options) }
        do {
            return try DirectFile(path, options.union(.noAccessTime))
        } catch .notPermitted where keepsAccessTime == nil {
            return try DirectFile(path, options)
        }
    }

    private static func fileSystem(of path: String) -> String {
        (try? Descriptor.open(path, .nonblocking).filesystem().name) ?? "a file system"
    }

    /// The file system of a directory that files can go to.
    static func inspect(directory: String) throws(PlumblineError) -> FileSystemFacts {
        let facts: FileSystemFacts
        do { facts = try Descriptor.open(directory, .directory).filesystem() } catch {
            throw .usage(
                "dio: cannot use the directory \(directory): \(error)",
                remedy: "name an existing directory")
        }
        if facts.isInMemory {
            throw DirectErrors.noDirectIO(directory, fileSystem: facts.name)
        }
        return facts
    }
}
