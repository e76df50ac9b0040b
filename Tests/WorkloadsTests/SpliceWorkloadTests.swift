// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Testing

@testable import Workloads

@Suite(.serialized) struct SpliceWorkloadTests {
    static let modes: [String] = SpliceWorkload.Mode.allCases.map(\.rawValue)
    static let sizes = [1, 4095, 4096, 4097, 65536, 1 << 20]
    private static let place = "/tmp"

    private func run(
        _ told: [String: SettingValue], in directory: String = place, milliseconds: Int = 25
    ) throws -> SliceCounts {
        var told = told
        if told["file_size"] == nil { told["file_size"] = "3m" }
        return try ShortSlice.run(
            SpliceWorkload.self, told, in: directory, milliseconds: milliseconds)
    }

    private func check(_ counts: SliceCounts, size: Int) {
        #expect(counts.operations > 0)
        #expect(counts.bytes == counts.operations * UInt64(size))
        #expect(counts.verification.proven > 0)
        #expect(counts.verification.corruptions == 0)
        #expect(counts.tracks.map(\.name) == ["splice"])
        #expect(counts.tracks.allSatisfy { $0.errors.isEmpty && $0.shortOperations == 0 })
        #expect(counts.tracks.allSatisfy { $0.latency.totalCount == $0.operations })
    }

    @Test("What is spliced arrives as it was sent", arguments: modes, sizes)
    func arrival(mode: String, size: Int) throws {
        for (workers, jobs) in [("thread", 1), ("thread", 8), ("process", 2), ("process", 8)] {
            let told: [String: SettingValue] = [
                "mode": .text(mode), "size": .integer(size), "workers": .text(workers),
                "jobs": .integer(jobs), "verify": true, "file_size": .integer(max(2 * size, 99999)),
            ]
            let counts = try run(told, milliseconds: 10)
            check(counts, size: size)
        }
    }

    @Test("Small pipes and files in memory do as well", arguments: modes)
    func smallPipes(mode: String) throws {
        let directory = SystemFile.exists("/dev/shm") ? "/dev/shm" : Self.place
        let counts = try run(
            ["mode": .text(mode), "size": 50_000, "pipe_size": 4096, "verify": true],
            in: directory)
        check(counts, size: 50_000)
    }

    @Test("Gifted pages arrive as they were given", arguments: [4096, 65536, 1 << 20])
    func gifts(size: Int) throws {
        for workers in ["thread", "process"] {
            let counts = try run([
                "mode": "vmsplice", "gift": true, "size": .integer(size),
                "workers": .text(workers), "verify": true,
            ])
            check(counts, size: size)
        }
    }

    @Test("Without timing and proof there are counts and no latencies")
    func untimed() throws {
        let counts = try run(["timing": "off"])
        #expect(counts.operations > 0)
        #expect(counts.interval > 0)
        #expect(counts.tracks.allSatisfy { $0.latency.totalCount == 0 })
        #expect(counts.verification == VerificationCounts())
    }

    @Test("A slice leaves no file behind")
    func leftovers() throws {
        _ = try run(["mode": "file-file"])
        let left = try SystemFile.list(Self.place).filter {
            $0.hasPrefix("plumbline-splice")
        }
        #expect(left.isEmpty)
    }

    @Test("Files that do not fit are refused with what is needed and what is free")
    func noSpace() throws {
        let error = try #require(throws: PlumblineError.self) {
            try run(["file_size": "1024g", "jobs": 64])
        }
        #expect(error.message.contains("128TiB are needed"))
        #expect(error.message.contains("are free"))
    }

    @Test("Too few open files are raised where that is allowed, else refused with the remedy")
    func openFiles() throws {
        for (hard, expected) in [(UInt(40), "jobs=20 needs"), (400, "no error")] {
            let said = try ShortSlice.said {
                OpenFiles.limit(to: 40, atMost: hard)
                do {
                    _ = try ShortSlice.workload(SpliceWorkload.self, ["mode": "tee", "jobs": 20])
                        .prepare(in: WorkloadEnvironment(seed: 1))
                    return "no error"
                } catch { return "\(error)" }
            }
            #expect(said.contains(expected), "\(said)")
            guard hard == 40 else { continue }
            #expect(said.contains("the limit is 40 (RLIMIT_NOFILE)"), "\(said)")
            #expect(said.contains("ulimit -n"), "\(said)")
        }
    }

    @Test(
        "A storage without a file system is refused with those that have one",
        arguments: ["device:/dev/sdz", "zram", "loop", "brd", "null_blk", "virtio"])
    func rawStorage(storage: String) throws {
        for mode in ["file-file", "pipe-file", "file-pipe"] {
            let error = try #require(throws: PlumblineError.self) {
                try ShortSlice.workload(
                    SpliceWorkload.self, ["mode": .text(mode), "storage": .text(storage)])
            }
            #expect(error.kind == .usage)
            #expect(error.message.contains("storage=\(storage)"))
            #expect(error.remedy.contains("zram:ext4"))
        }
        let fits = try ShortSlice.workload(SpliceWorkload.self, ["storage": "loop:xfs"])
        #expect(fits.storage?.text == "loop:xfs")
    }

    @Test("A directory that is not there is named")
    func missingDirectory() throws {
        let error = try #require(throws: PlumblineError.self) {
            try run([:], in: "/nowhere")
        }
        #expect(error.message.contains("/nowhere"))
    }

    @Test("Settings that do not go together are refused")
    func settings() throws {
        let wrong: [([String: SettingValue], String)] = [
            (["gift": true], "gift=1"),
            (["mode": "vmsplice", "gift": true, "size": 5000], "size=5000"),
            (["file_size": 4096], "file_size=4096"),
            (["mode": "sideways"], "'sideways'"),
        ]
        for (told, expected) in wrong {
            let error = try #require(throws: PlumblineError.self) {
                try ShortSlice.workload(SpliceWorkload.self, told)
            }
            #expect(error.kind == .usage)
            #expect(error.message.contains(expected))
        }
    }

    @Test("A cell's name tells every setting that differs from its default")
    func names() throws {
        #expect(try ShortSlice.workload(SpliceWorkload.self, [:]).cellName == "file-file/64KiB")
        #expect(
            try ShortSlice.workload(
                SpliceWorkload.self, ["mode": "vmsplice", "gift": true, "pipe_size": "1m"]
            ).cellName == "vmsplice/64KiB/gift=1/pipe_size=1MiB")
    }

    @Test("Only what has files needs storage")
    func storage() throws {
        let both = try ShortSlice.workload(SpliceWorkload.self, ["file_size": "1m", "jobs": 3])
        #expect(both.storage?.size == 6 << 20)
        let none = try ShortSlice.workload(SpliceWorkload.self, ["mode": "tee"])
        #expect(none.storage == nil)
    }
}
