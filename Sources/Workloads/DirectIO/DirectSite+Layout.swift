// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import SystemPackage

extension DirectSite {
    /// Makes the jobs' files that are not there, when there is room for them.
    func layOutFiles(
        _ directory: String, _ environment: WorkloadEnvironment
    ) throws(PlumblineError) {
        var free = try Self.inspect(directory: directory).freeBytes
        if contents == .fresh { for region in regions { try? SystemFile.unlink(region.path) } }
        let missing = regions.filter { !isComplete($0) }
        let needs = missing.count * plan.regionSize
        if free < needs {
            // Those of other cells are made again when their turn comes.
            removeOthers(in: directory)
            free =
                SpaceWait.freeBytes(in: directory, needed: needs, environment.pulse) ?? free
        }
        guard free >= needs else {
            throw DirectErrors.noSpace(directory, needs: needs, has: free)
        }
        for region in missing {
            let draft = region.path + ".part"
            do throws(PlumblineError) {
                try write(region, to: draft, environment)
            } catch {
                try? SystemFile.unlink(draft)
                throw error
            }
        }
        // What was made by another cell may have been with a smaller block size.
        _ = try Self.openDirect(regions[0].path, .read, plan)
    }

    /// A file gets its name when it is complete.
    private func isComplete(_ region: Region) -> Bool {
        guard let there = try? Descriptor.open(region.path).facts() else { return false }
        return there.kind == .regular && there.size == region.layout.bytes
    }

    private func removeOthers(in directory: String) {
        let mine = regions.map(\.path)
        for name in (try? SystemFile.list(directory)) ?? [] {
            let path = "\(directory)/\(name)"
            if name.hasPrefix(FileLayout.namePrefix), !mine.contains(path) {
                try? SystemFile.unlink(path)
            }
        }
    }

    private func write(
        _ region: Region, to draft: String, _ environment: WorkloadEnvironment
    ) throws(PlumblineError) {
        do { _ = try Descriptor.open(draft, [.write, .create, .truncate]) } catch {
            throw DirectErrors.open(draft, error, writes: true)
        }
        let file = try Self.openDirect(draft, .readWrite, plan)
        try reserve(region, draft, file, environment.pulse)
        try region.layout.write(to: file, path: region.path, pulse: environment.pulse)
        guard rename(draft, region.path) == 0 else {
            throw .failure("dio: cannot rename \(draft)")
        }
    }

    private func reserve(
        _ region: Region, _ draft: String, _ file: borrowing DirectFile, _ pulse: () -> Void
    ) throws(PlumblineError) {
        let free = (try? file.descriptor.filesystem().freeBytes) ?? 0
        do { try SpaceWait.reserve(file.descriptor, region.layout.bytes, pulse) } catch .interrupted
        {
            throw PlumblineError(.interrupted, "interrupted while laying out \(region.path)")
        } catch .noSpace {
            throw DirectErrors.noSpace(region.path, needs: region.layout.bytes, has: free)
        } catch {
            throw .failure("dio: cannot reserve \(ByteSize(region.layout.bytes)): \(error)")
        }
    }

    /// Fills a device of ours where it is not filled yet, and spoils its start before it is
    /// written, so that no later slice takes it for pristine.
    func layOutDevice(
        _ environment: WorkloadEnvironment, holding _: DeviceClaim?
    ) throws(PlumblineError) {
        let file = try Self.openDirect(regions[0].path, .readWrite, plan)
        // Whoever writes spoils the device's first block, which then vouches for no region.
        let isKept =
            switch contents {
            case .pristine: regions.allSatisfy { $0.layout.looksPristine(file) }
            case .filled: regions.allSatisfy { $0.layout.looksFilled(file) }
            case .fresh: false
            }
        if !isKept {
            for region in regions {
                try region.layout.write(to: file, path: region.path, pulse: environment.pulse)
            }
        }
        guard contents == .filled else { return }
        let zeroes = try DirectMemory.map(bytes: plan.blockSize)
        _ = try? file.descriptor.write(UnsafeRawBufferPointer(zeroes.bytes), at: 0)
    }
}
