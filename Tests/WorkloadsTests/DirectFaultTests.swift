// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Testing

@testable import Workloads

extension Slices {
    /// What goes wrong in a slice, or with its data, and is counted.
    @Suite struct DirectFaultTests {
        @Test("reads past the end of a shrunken file are short", arguments: ["psync", "io_uring"])
        func short(engine: String) throws {
            try DirectSupport.withDirectory { directory in
                let path = "\(directory)/given"
                try DirectSupport.makeFile(path, bytes: 1 << 20)
                var hooks = SliceRunner.Hooks()
                // The 32 KiB block across the new end is read in part, those after it not at all.
                hooks.opening = {
                    if let file = try? Descriptor.open(path, .write) {
                        try? file.truncate(to: 49152)
                    }
                }
                hooks.closing = {
                    if let file = try? Descriptor.open(path, .write) {
                        try? file.truncate(to: 1 << 20)
                    }
                }
                let counts = try DirectSupport.slice(
                    [
                        "filename": .text(path), "size": "1m", "bs": "32k",
                        "ioengine": .text(engine),
                    ], hooks: hooks
                ) { $0.tracks.contains { $0.shortOperations > 0 } }
                let track = try #require(counts.tracks.first)
                #expect(track.shortOperations > 0)
                #expect(track.bytes == track.operations * 32768)
                #expect(track.latency.totalCount == track.operations)
            }
        }

        @Test(
            "a failing request is counted under its errno",
            .enabled(if: DirectSupport.hasLoop, DirectSupport.needsLoop),
            arguments: ["psync", "io_uring"])
        func failing(engine: String) throws {
            try DirectSupport.withDirectory { directory in
                let path = "\(directory)/backing"
                try DirectSupport.makeFile(path, bytes: 1 << 20)
                let backing = try Descriptor.open(path, .readWrite)
                let loop = try LoopDevice(backing: backing)
                try backing.truncate(to: 0)
                let counts = try DirectSupport.slice(
                    [
                        "storage": "device:/dev/x", "size": "1m", "iodepth": 1,
                        "ioengine": .text(engine),
                    ], device: loop.path
                ) { $0.tracks.contains { !$0.errors.isEmpty } }
                let track = try #require(counts.tracks.first)
                #expect(track.operations == 0)
                #expect(track.errors.keys.map { $0 } == [5])
            }
        }

        @Test(
            "short reads of the guard are counted too", arguments: ["psync", "io_uring"],
            [0, 2000])
        func shortInGuard(engine: String, rate: Int) throws {
            try DirectSupport.withDirectory { directory in
                let path = "\(directory)/given"
                try DirectSupport.makeFile(path, bytes: 1 << 20)
                var hooks = SliceRunner.Hooks()
                // The file is whole again before anything is measured.
                hooks.forked = { _ in try? Descriptor.open(path, .write).truncate(to: 0) }
                hooks.opening = { try? Descriptor.open(path, .write).truncate(to: 1 << 20) }
                let counts = try DirectSupport.slice(
                    [
                        "filename": .text(path), "size": "1m", "ioengine": .text(engine),
                        "rate_iops": .integer(rate),
                    ], hooks: hooks
                ) { $0.tracks.contains { $0.operations > 0 && $0.shortOperations > 0 } }
                let track = try #require(counts.tracks.first)
                #expect(track.operations > 0)
                #expect(track.shortOperations > 0)
                #expect(track.errors.isEmpty)
            }
        }

        @Test(
            "a request that fails in the guard marks the track with its errno",
            .enabled(if: DirectSupport.hasLoop, DirectSupport.needsLoop),
            arguments: ["psync", "io_uring"])
        func failingInGuard(engine: String) throws {
            try DirectSupport.withDirectory { directory in
                let path = "\(directory)/backing"
                try DirectSupport.makeFile(path, bytes: 1 << 20)
                let backing = try Descriptor.open(path, .readWrite)
                let loop = try LoopDevice(backing: backing)
                var hooks = SliceRunner.Hooks()
                hooks.forked = { _ in try? Descriptor.open(path, .write).truncate(to: 0) }
                hooks.opening = { try? Descriptor.open(path, .write).truncate(to: 1 << 20) }
                let counts = try DirectSupport.slice(
                    ["storage": "device:/dev/x", "size": "1m", "ioengine": .text(engine)],
                    device: loop.path, hooks: hooks
                ) { $0.tracks.contains { $0.operations > 0 && !$0.errors.isEmpty } }
                let track = try #require(counts.tracks.first)
                #expect(track.operations > 0)
                #expect(track.errors.keys.map { $0 } == [5])
            }
        }

        @Test(
            "a changed byte, a block at the wrong place and an old block in a file are found",
            arguments: ["psync", "io_uring"])
        func corruptFile(engine: String) throws {
            try DirectSupport.withDirectory { directory in
                let settings: [String: SettingValue] = [
                    "rw": "read", "verify": true, "size": "64k", "randseed": 5,
                    "ioengine": .text(engine),
                ]
                #expect(
                    try DirectSupport.slice(settings, in: directory).verification.corruptions == 0)
                let path = "\(directory)/\(try SystemFile.list(directory)[0])"
                let file = try Descriptor.open(path, .readWrite)
                let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 4096)
                defer { block.deallocate() }
                func spoils(at offset: Int, _ change: () throws -> Void) throws {
                    _ = try file.read(into: block, at: offset)
                    let before = Array(block)
                    try change()
                    _ = try file.write(UnsafeRawBufferPointer(block), at: offset)
                    try file.sync()
                    let found = try DirectSupport.slice(settings, in: directory).verification
                    #expect(found.corruptions > 0)
                    #expect(found.firstCorruptionOffset == UInt64(offset))
                    block.copyBytes(from: before)
                    _ = try file.write(UnsafeRawBufferPointer(block), at: offset)
                    try file.sync()
                }
                try spoils(at: 8192) { block[1000] ^= 1 }
                try spoils(at: 12288) { _ = try file.read(into: block, at: 0) }
                try spoils(at: 0) {
                    let words = block.bindMemory(to: UInt64.self)
                    BlockHeader(offset: 0, generation: 1, stamp: words[3]).fill(block)
                }
                #expect(
                    try DirectSupport.slice(settings, in: directory).verification.corruptions == 0)
            }
        }

        @Test("a write that was lost, or came to the wrong place, is found when read again")
        func lostWrites() throws {
            let plan = try DirectSupport.workload(["rw": "randrw", "verify": true, "size": "64k"])
            let layout = FileLayout(base: 0, bytes: 65536, job: 0, seed: 0, contents: .fresh)
            let oracle = try BlockOracle(
                plan, DirectSite.Region(path: "", layout: layout, isLaidOut: true), seed: 1)
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 4096)
            defer { buffer.deallocate() }
            var found = VerificationCounts()
            func request(_ block: Int, write: Bool) throws {
                let claimed = oracle.claim(.init(block: block, isWrite: write))
                let step = try #require(claimed)
                #expect(step.block == block)
                if write { oracle.fill(buffer, block: block) }
                oracle.settle(
                    step, result: 4096, buffer: UnsafeRawBufferPointer(buffer), &found)
            }
            try request(3, write: true)
            try request(3, write: false)
            #expect(found.proven == 4096 && found.corruptions == 0)
            try request(4, write: false)
            #expect(found.corruptions == 1 && found.firstCorruptionOffset == 16384)
            layout.header(at: 3 * 4096).fill(buffer)
            try request(3, write: false)
            #expect(found.corruptions == 2)
            layout.header(at: 5 * 4096).fill(buffer)
            try request(5, write: false)
            #expect(found.corruptions == 2 && found.proven == 8192)
        }

        @Test("what cannot be read back is lost, and a short read")
        func lostBlocks() throws {
            try DirectSupport.withDirectory { directory in
                let path = "\(directory)/given"
                try DirectSupport.makeFile(path, bytes: 8192)
                let plan = try DirectSupport.workload(["rw": "write", "verify": true, "size": "8k"])
                let layout = FileLayout(base: 0, bytes: 8192, job: 0, seed: 0, contents: .fresh)
                let oracle = try BlockOracle(
                    plan, DirectSite.Region(path: path, layout: layout, isLaidOut: true), seed: 1)
                let file = try DirectFile(path, .readWrite)
                try file.descriptor.truncate(to: 0)
                let memory = try TallyMemory(workers: 1)
                var worker = Worker(
                    index: 0, in: memory, clock: DirectSupport.clock, timed: true)
                try oracle.readBack(file, &worker)
                #expect(worker.first.shortOperations == 1)
                #expect(worker.verification.corruptions == 2)
            }
        }

        @Test(
            "a block that is being written is neither read nor written, one being read not written")
        func conflicts() throws {
            let plan = try DirectSupport.workload(["rw": "randrw", "verify": true, "size": "8k"])
            let layout = FileLayout(base: 0, bytes: 8192, job: 0, seed: 0, contents: .fresh)
            let oracle = try BlockOracle(
                plan, DirectSite.Region(path: "", layout: layout, isLaidOut: true), seed: 1)
            func given(_ block: Int, write: Bool) -> Int? {
                oracle.claim(.init(block: block, isWrite: write))?.block
            }
            let given = [
                given(0, write: true), given(0, write: false), given(0, write: false),
                given(1, write: true),
            ]
            #expect(given == [0, 1, 1, nil])
        }

        @Test("a complete file is used again, a draft is not, and others make room when needed")
        func layoutReuse() throws {
            try DirectSupport.withDirectory { directory in
                let settings: [String: SettingValue] = ["size": "1m"]
                func prepare(_ settings: [String: SettingValue]) throws {
                    let environment = WorkloadEnvironment(directory: directory, seed: 1)
                    try DirectSupport.workload(settings).prepare(in: environment).close()
                }
                try prepare(settings)
                let name = try #require(try SystemFile.list(directory).first)
                let inode = try Descriptor.open("\(directory)/\(name)").facts().inode
                try prepare(settings.merging(["bs": "64k", "rw": "read"]) { $1 })
                #expect(try SystemFile.list(directory) == [name])
                #expect(try Descriptor.open("\(directory)/\(name)").facts().inode == inode)
                try SystemFile.unlink("\(directory)/\(name)")
                try DirectSupport.makeFile("\(directory)/\(name).part", bytes: 8192)
                try prepare(settings)
                #expect(try SystemFile.list(directory) == [name])
                #expect(try Descriptor.open("\(directory)/\(name)").facts().size == 1 << 20)
                try prepare(settings.merging(["rw": "randwrite"]) { $1 })
                #expect(try SystemFile.list(directory).count == 2)
            }
        }

        @Test("a given file is read as it is and changed by writes only")
        func givenFile() throws {
            try DirectSupport.withDirectory { directory in
                let path = "\(directory)/given"
                try DirectSupport.makeFile(path, bytes: 1 << 20)
                let before = try SystemFile.readBytes(path)
                let settings: [String: SettingValue] = ["filename": .text(path), "size": "512k"]
                _ = try DirectSupport.slice(settings)
                #expect(try SystemFile.readBytes(path) == before)
                let counts = try DirectSupport.slice(
                    settings.merging([
                        "rw": "write", "allow_destructive": true, "verify": true, "numjobs": 1,
                    ]) { $1 })
                #expect(counts.verification.corruptions == 0 && counts.verification.proven > 0)
                let after = try SystemFile.readBytes(path)
                #expect(after.count == before.count)
                #expect(after[0..<4096] != before[0..<4096])
                #expect(after[524288...] == before[524288...])
            }
        }

        @Test(
            "a device of ours is laid out once, and anew after it was written",
            .enabled(if: DirectSupport.hasLoop, DirectSupport.needsLoop))
        func device() throws {
            try DirectSupport.withDirectory { directory in
                let path = "\(directory)/backing"
                try DirectSupport.makeFile(path, bytes: 4 << 20)
                let loop = try LoopDevice(backing: try Descriptor.open(path, .readWrite))
                func run(_ access: String, verify: Bool) throws {
                    let counts = try DirectSupport.slice(
                        [
                            "rw": .text(access), "size": "1m", "numjobs": 2, "iodepth": 4,
                            "verify": .flag(verify),
                        ], device: loop.path)
                    #expect(counts.operations > 0)
                    #expect(counts.verification.corruptions == 0, "\(access)")
                }
                try run("randread", verify: true)
                try run("randread", verify: true)
                try run("randwrite", verify: false)
                try run("randread", verify: true)
                try run("randrw", verify: true)
                try run("randread", verify: true)
            }
        }
    }
}
