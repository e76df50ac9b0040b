// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import SystemPackage
import Testing

@testable import Workloads

@Suite struct DirectSettingsTests {
    @Test("the name has pattern, block size, depth and engine, then what differs")
    func cellName() throws {
        #expect(try DirectSupport.workload([:]).cellName == "randread/4KiB/qd1/io_uring")
        let other = try DirectSupport.workload([
            "rw": "randrw", "bs": "64k", "iodepth": 128, "rwmixread": 70, "fixedbufs": true,
            "size": "1g", "iodepth_batch_submit": 32, "rate_iops": 1000,
        ])
        #expect(
            other.cellName
                == "randrw/64KiB/qd128/io_uring/rwmixread=70/size=1GiB/iodepth_batch_submit=32"
                + "/fixedbufs=1/rate_iops=1000.0")
    }

    @Test("every setting that is told shows in the name")
    func namesDiffer() throws {
        let changes: [String: SettingValue] = [
            "rw": "read", "rwmixread": 10, "bs": 8192, "size": "512m", "filename": "/x",
            "storage": "zram:ext4", "directory": "/y", "allow_destructive": true,
            "ioengine": "psync", "iodepth": 2, "fixedbufs": true, "registerfiles": true,
            "registerring": false, "reap": "each", "noatime": true, "hipri": true,
            "sqthread_poll": true, "rate_iops": 5,
            "timing": "off", "verify": true, "randseed": 3, "numjobs": 2, "workers": "process",
            "cpus_allowed": "0", "numa_cpu_nodes": "0", "numa_mem_policy": "bind:0",
        ]
        var names: Set<String> = [try DirectSupport.workload([:]).cellName]
        for (name, value) in changes {
            names.insert(try DirectSupport.workload([name: value]).cellName)
        }
        #expect(names.count == changes.count + 1)
    }

    @Test("buffers, tracks, workers and storage follow from the settings")
    func derived() throws {
        let cell = try DirectSupport.workload([
            "rw": "rw", "bs": "64k", "iodepth": 8, "numjobs": 3, "size": "1m",
            "workers": "process", "storage": "zram:ext4", "rate_iops": 10, "timing": "off",
        ])
        #expect(cell.bufferBytes == 3 * 8 * 65536)
        #expect(cell.rateTracks == ["read", "write"])
        #expect(
            cell.layout == WorkerLayout(kind: .process, count: 3, timed: false, openLoop: true))
        let zram = try StorageSpec(text: "zram:ext4", size: 3 << 20, writes: true)
        #expect(cell.storage == zram)
        #expect(try DirectSupport.workload(["rw": "randwrite"]).rateTracks == ["write"])
        #expect(try DirectSupport.workload(["rw": "read"]).rateTracks == ["read"])
    }

    @Test(
        "null_blk's settings are refused where they would do nothing, or lose what is read back",
        arguments: [
            (["completion_nsec": 1000], "is for irqmode=2 alone"),
            (["storage": "null_blk:ext4", "irqmode": 1, "completion_nsec": 1000], "irqmode=2"),
            (["storage": "null_blk:ext4", "memory_backed": 0], "raw null_blk device"),
            (["storage": "null_blk", "memory_backed": 0, "rw": "randwrite"], "raw null_blk"),
            (["storage": "null_blk", "memory_backed": 0, "verify": 1], "raw null_blk device"),
        ] as [([String: SettingValue], String)])
    func nullBlock(told: [String: SettingValue], words: String) throws {
        do throws(PlumblineError) {
            _ = try WorkloadCatalogue.make(DirectWorkload.name, told)
            Issue.record("\(told) is taken")
        } catch {
            #expect(error.kind == .usage && error.message.contains(words), "\(error)")
        }
        let late = try DirectSupport.workload([
            "storage": "null_blk:ext4", "irqmode": 2, "completion_nsec": 1000,
        ])
        #expect(late.storage?.completionDelay == 1000 && late.storage?.completion == .interrupt)
        let raw = try DirectSupport.workload(["storage": "null_blk", "memory_backed": 0])
        #expect(raw.storage?.isMemoryBacked == false)
    }

    @Test("a filename below /dev is a device to be checked, another file needs no storage")
    func filename() throws {
        let device = try DirectSupport.workload(["filename": "/dev/sdz"])
        #expect(device.storage?.text == "device:/dev/sdz")
        #expect(try DirectSupport.workload(["filename": "/tmp/x"]).storage == nil)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let settings: [String: SettingValue]
        /// What message and remedy must name.
        let words: [String]
        var testDescription: String { "\(settings)" }
        init(_ settings: [String: SettingValue], _ words: String...) {
            self.settings = settings
            self.words = words
        }
    }

    @Test(
        "what does not go together is refused with the setting's name and a remedy",
        arguments: [
            Refusal(["bs": 1000], "bs=1000", "512"),
            Refusal(["bs": 0], "dio.bs", "512 to 64MiB"),
            Refusal(["size": 10000], "size=10000", "bs=4096", "8KiB"),
            Refusal(["bs": "1m", "size": "64k"], "size=65536", "1MiB"),
            Refusal(["iodepth_batch_submit": 2], "iodepth_batch_submit=2", "iodepth=1"),
            Refusal(["iodepth_batch_complete_min": 2], "iodepth_batch_complete_min", "iodepth"),
            Refusal(["ioengine": "psync", "iodepth": 4], "psync", "iodepth=1"),
            Refusal(["ioengine": "psync", "fixedbufs": true], "fixedbufs", "io_uring"),
            Refusal(["ioengine": "psync", "hipri": true], "hipri", "io_uring"),
            Refusal(["ioengine": "psync", "reap": "each"], "reap=each", "io_uring"),
            Refusal(["reap": "all"], "dio.reap", "full", "each"),
            Refusal(["noatime": "often"], "dio.noatime", "often"),
            Refusal(["ioengine": "libaio"], "libaio", "psync"),
            Refusal(["filename": "/x", "rw": "write"], "/x", "--allow-destructive"),
            Refusal(["storage": "device:/dev/x", "rw": "rw"], "--allow-destructive"),
            Refusal(["filename": "/x", "verify": true], "verify", "filename"),
            Refusal(["numa_mem_policy": "bind"], "numa_mem_policy", "bind:N"),
            Refusal(["numa_mem_policy": "local:x"], "numa_mem_policy", "interleave"),
            Refusal(["numa_mem_policy": "bind:0,1"], "several nodes", "bind:N"),
            Refusal(["numa_mem_policy": "prefer:0-1"], "several nodes", "prefer:N"),
            Refusal(["numa_mem_policy": "bind:-1"], "no policy", "bind:N"),
            Refusal(["numa_mem_policy": "bind:0:1"], "no policy", "bind:N"),
            Refusal(["numa_mem_policy": "default:0"], "no policy", "default"),
            Refusal(["numa_mem_policy": "interleave:0-1"], "names nodes", "or interleave"),
            Refusal(["numa_mem_policy": "local"], "what default does"),
            Refusal(["runtime": "10s"], "unknown setting 'runtime'", "--slice"),
            Refusal(["ramp_time": 2], "unknown setting 'ramp_time'", "`guard`", "`warmup`"),
            Refusal(["time_based": true], "unknown setting 'time_based'", "--slice"),
            Refusal(["percentile_list": "50:99"], "'percentile_list'", "p99.9", "histogram"),
            Refusal(["group_reporting": 1], "'group_reporting'", "together"),
            Refusal(["norandommap": 1], "'norandommap'", "may repeat"),
            Refusal(["thread": 1], "'thread'", "workers=thread"),
            Refusal(["cpus_allowed": "0", "numa_cpu_nodes": "0"], "cpus_allowed"),
            Refusal(["cpus_allowed_policy": "split"], "cpus_allowed"),
            Refusal(["cpus_allowed": "x"], "cpus_allowed", "0,2-5"),
            Refusal(["direct": 0], "direct", "1"),
            Refusal(["iodept": 1], "iodept", "did you mean iodepth?"),
        ])
    func refused(_ refusal: Refusal) throws {
        let error = try #require(throws: PlumblineError.self) {
            _ = try DirectSupport.workload(refusal.settings)
        }
        #expect(error.kind == .usage)
        for word in refusal.words { #expect("\(error)".contains(word), "\(error)") }
    }

    @Test("split gives each job the next CPU, shared gives all to each")
    func cpus() throws {
        let split = try DirectSupport.workload([
            "cpus_allowed": "0,3-4", "cpus_allowed_policy": "split", "numjobs": 4,
        ])
        let given = try (0..<4).map { try split.placement.cpus(job: $0)?.cpus }
        #expect(given == [[0], [3], [4], [0]])
        let shared = try DirectSupport.workload(["cpus_allowed": "0,3-4"])
        #expect(try shared.placement.cpus(job: 1)?.cpus == [0, 3, 4])
        #expect(try DirectSupport.workload([:]).placement.cpus(job: 0) == nil)
    }

    @Test("io_uring that is switched off is named with its sysctl, a filter with seccomp")
    func ringRefusals() {
        func text(_ error: Errno, _ disabled: Int?) -> String {
            "\(DirectErrors.ring(error, depth: 8, disabled: disabled))"
        }
        #expect(text(.notPermitted, 2).contains("sysctl kernel.io_uring_disabled=0"))
        #expect(text(.notPermitted, 1).contains("kernel.io_uring_group"))
        #expect(text(.notPermitted, 0).contains("seccomp"))
        #expect(text(.noFunction, nil).contains("CONFIG_IO_URING"))
        #expect(text(.noMemory, 0).contains("ulimit -l"))
        #expect(text(.tooManyOpenFiles, 0).contains("ulimit -n"))
    }
}
