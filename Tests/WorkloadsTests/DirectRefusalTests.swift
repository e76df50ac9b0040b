// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import SystemPackage
import Testing

@testable import Workloads

extension Slices {
    /// What a machine refuses, and how it is said.
    @Suite struct DirectRefusalTests {
        private func expect(
            _ error: PlumblineError, _ kind: PlumblineError.Kind, _ words: String...
        ) {
            #expect(error.kind == kind, "\(error)")
            #expect(!error.remedy.isEmpty, "\(error)")
            for word in words { #expect("\(error)".contains(word), "\(error) lacks \(word)") }
        }

        @Test("a file that is not there")
        func missing() throws {
            expect(
                try DirectSupport.refusal(["filename": "/tmp/no/such/file"]), .usage,
                "/tmp/no/such/file", "filename")
        }

        @Test("a directory, a character device, a missing directory")
        func otherKinds() throws {
            expect(
                try DirectSupport.refusal(["filename": "/tmp"]), .usage, "directory=/tmp",
                "is a directory")
            expect(
                try DirectSupport.refusal(["filename": "/dev/null"], device: "/dev/null"), .usage,
                "no regular file")
            expect(try DirectSupport.refusal([:], in: "/no/such"), .usage, "/no/such")
        }

        @Test("a file system in memory", .enabled(if: SystemFile.exists("/dev/shm")))
        func inMemory() throws {
            let path = "/dev/shm/plumbline-test-\(ChildProcess.currentID)"
            try DirectSupport.makeFile(path, bytes: 8192)
            defer { try? SystemFile.unlink(path) }
            expect(
                try DirectSupport.refusal(["filename": .text(path), "size": "4k"]), .usage, "tmpfs",
                "zram:ext4")
            expect(try DirectSupport.refusal(["size": "4k"], in: "/dev/shm"), .usage, "tmpfs")
            #expect(try SystemFile.list("/dev/shm").filter { $0.hasPrefix("plumbline-dio") } == [])
        }

        @Test("a file below /dev is no device, and a terminal is neither")
        func belowDev() throws {
            #expect(try DirectSupport.workload(["filename": "/dev/null"]).storage == nil)
            #expect(try DirectSupport.workload(["filename": "/dev/tty"]).storage == nil)
            let missing = try DirectSupport.workload(["filename": "/dev/none-x"]).storage
            #expect(missing?.text == "device:/dev/none-x")
        }

        @Test("what cannot be claimed is told by its reason")
        func claims() {
            #expect(DeviceClaim.remedy(.resourceBusy, isRoot: true).contains("mounted or held"))
            #expect(DeviceClaim.remedy(.notPermitted, isRoot: true).contains("read-only"))
            #expect(DeviceClaim.remedy(.permissionDenied, isRoot: false) == "run as root")
        }

        @Test("a NUMA node that is not there, without libnuma's own words")
        func noNode() throws {
            try DirectSupport.withDirectory { directory in
                for setting in ["numa_mem_policy": "bind:1023", "numa_cpu_nodes": "1023"] {
                    let error = try #require(throws: PlumblineError.self) {
                        _ = try DirectSupport.slice(
                            ["size": "4k", setting.key: .text(setting.value)], in: directory)
                    }
                    expect(error, .failure, "NUMA node 1023: there is none", "node")
                }
            }
        }

        @Test(
            "a file whose direct I/O the kernel says goes through the page cache",
            .enabled(if: DirectSupport.hasLoop, DirectSupport.needsLoop))
        func journalled() throws {
            try DirectSupport.withDirectory { directory in
                let image = "\(directory)/image"
                let place = "\(directory)-mounted"
                try Descriptor.open(image, [.write, .create]).truncate(to: 16 << 20)
                let made = try? Command.run(["mkfs.ext4", "-q", "-F", image])
                let loop = try LoopDevice(backing: try Descriptor.open(image, .readWrite))
                try SystemFile.makeDirectory(place)
                defer { try? SystemFile.removeDirectory(place) }
                // With data=journal ext4 takes O_DIRECT and copies all the same.
                guard made?.succeeded == true,
                    (try? Mount.mount(
                        loop.path, on: place, type: "ext4", options: "data=journal")) != nil
                else { return }
                defer { try? Mount.unmount(place) }
                try DirectSupport.makeFile("\(place)/given", bytes: 65536)
                guard try Descriptor.open("\(place)/given").facts().hasDirectIOFacts else { return }
                #expect(throws: Errno.notSupported) { _ = try DirectFile("\(place)/given") }
                expect(
                    try DirectSupport.refusal(["filename": .text("\(place)/given"), "size": "64k"]),
                    .usage, "STATX_DIOALIGN", "page cache", "data=journal")
                expect(
                    try DirectSupport.refusal(["size": "64k"], in: place), .usage, "STATX_DIOALIGN")
                #expect(try SystemFile.list(place).sorted() == ["given", "lost+found"])
            }
        }

        @Test("a given file that is too small, which is not grown")
        func tooSmall() throws {
            try DirectSupport.withDirectory { directory in
                let path = "\(directory)/given"
                try DirectSupport.makeFile(path, bytes: 10000)
                expect(
                    try DirectSupport.refusal(["filename": .text(path), "size": "8k", "numjobs": 2]
                    ),
                    .usage, "16KiB", "10000B", "2 jobs", "size=4096 ")
                #expect(try Descriptor.open(path).facts().size == 10000)
                try DirectSupport.makeFile(path, bytes: 1000)
                expect(
                    try DirectSupport.refusal(["filename": .text(path), "size": "4k"]), .usage,
                    "1000B", "at least 4096 bytes")
            }
        }

        @Test("more than the file system has, and nothing is left behind")
        func noSpace() throws {
            try DirectSupport.withDirectory { directory in
                expect(
                    try DirectSupport.refusal(["size": "200t"], in: directory), .failure, "200TiB",
                    "free", "smaller size")
                #expect(try SystemFile.list(directory).isEmpty)
            }
        }

        @Test(
            "a block size below the alignment, with its origin",
            .enabled(if: DirectSupport.hasLoop, DirectSupport.needsLoop))
        func misaligned() throws {
            try DirectSupport.withDirectory { directory in
                let path = "\(directory)/backing"
                try DirectSupport.makeFile(path, bytes: 1 << 20)
                let loop = try LoopDevice(
                    backing: try Descriptor.open(path, .readWrite), blockBytes: 4096)
                expect(
                    try DirectSupport.refusal(
                        ["storage": "device:/dev/x", "bs": 512, "size": "64k"], device: loop.path),
                    .usage,
                    "bs=512", "4096", "alignment of \(loop.path) (")
            }
        }

        @Test(
            "a device that someone else holds",
            .enabled(if: DirectSupport.hasLoop, DirectSupport.needsLoop))
        func held() throws {
            try DirectSupport.withDirectory { directory in
                let path = "\(directory)/backing"
                try DirectSupport.makeFile(path, bytes: 1 << 20)
                let loop = try LoopDevice(backing: try Descriptor.open(path, .readWrite))
                let holder = try Descriptor.open(loop.path, [.readWrite, .exclusive])
                let settings: [String: SettingValue] = [
                    "storage": .text("device:\(loop.path)"), "rw": "randwrite", "size": "64k",
                    "allow_destructive": true,
                ]
                expect(
                    try DirectSupport.refusal(settings, device: loop.path), .failure,
                    "mounted or held")
                try holder.close()
                let counts = try DirectSupport.slice(settings, device: loop.path)
                #expect(counts.operations > 0)
            }
        }

        @Test("fewer open files than jobs need")
        func fileLimit() throws {
            let said = try DirectSupport.inChild {
                OpenFiles.limit(to: 64, atMost: 64)
                let error = try? DirectSupport.refusal(["numjobs": 100, "size": "4k"], in: "/tmp")
                return error.map { "\($0)" }
            }
            #expect(said.contains("the limit is 64") && said.contains("ulimit -n"), "\(said)")
        }

        @Test(
            "less locked memory than registered buffers need",
            .enabled(if: DirectSupport.isRoot, DirectSupport.needsRoot))
        func lockedMemory() throws {
            try DirectSupport.withDirectory { directory in
                let path = "\(directory)/given"
                try DirectSupport.makeFile(path, bytes: 1 << 20)
                let said = try DirectSupport.inChild {
                    var limit = rlimit(rlim_cur: 65536, rlim_max: 65536)
                    guard setrlimit(__rlimit_resource_t(8), &limit) == 0, setuid(65534) == 0 else {
                        return "cannot become nobody"
                    }
                    return Self.failure([
                        "filename": .text(path), "size": "1m", "iodepth": 128, "fixedbufs": true,
                    ])
                }
                for word in ["512KiB", "64KiB", "ulimit -l 512", "fixedbufs=0"] {
                    #expect(said.contains(word), "\(said) lacks \(word)")
                }
            }
        }

        private static let ringKnob = "/proc/sys/kernel/io_uring_disabled"

        @Test(
            "io_uring switched off for this user, named by its sysctl",
            .enabled(if: DirectSupport.isRoot, DirectSupport.needsRoot),
            .enabled(
                if: (try? SystemFile.readInteger(ringKnob)) == 0,
                "needs kernel.io_uring_disabled=0, of Linux 6.6 or later"))
        func ringDisabled() throws {
            let knob = Self.ringKnob
            try DirectSupport.withDirectory { directory in
                let path = "\(directory)/given"
                try DirectSupport.makeFile(path, bytes: 65536)
                // 1 leaves it to root, and so to everything else that runs on this machine.
                try SystemFile.write("1", to: knob)
                defer { try? SystemFile.write("0", to: knob) }
                let said = try DirectSupport.inChild {
                    guard setuid(65534) == 0 else { return "cannot become nobody" }
                    return Self.failure(["filename": .text(path), "size": "64k"])
                }
                #expect(said.contains("kernel.io_uring_disabled=1"), "\(said)")
                #expect(said.contains("ioengine=psync"), "\(said)")
            }
        }

        @Test(
            "no permission to read or write a file",
            .enabled(if: DirectSupport.isRoot, DirectSupport.needsRoot))
        func noPermission() throws {
            try DirectSupport.withDirectory { directory in
                let path = "\(directory)/given"
                _ = try Descriptor.open(path, [.write, .create], mode: 0o600)
                let said = try DirectSupport.inChild {
                    guard setuid(65534) == 0 else { return "cannot become nobody" }
                    return Self.failure(["filename": .text(path), "size": "64k"])
                }
                #expect(said.contains("no permission to read \(path)"), "\(said)")
            }
        }

        @Test("a CPU that is not there")
        func noCPU() throws {
            try DirectSupport.withDirectory { directory in
                let error = try #require(throws: PlumblineError.self) {
                    _ = try DirectSupport.slice(
                        ["size": "4k", "cpus_allowed": "1023"], in: directory)
                }
                expect(error, .failure, "CPUs 1023: some are not there or not allowed")
            }
        }

        /// What a slice fails with.
        private static func failure(_ settings: [String: SettingValue]) -> String {
            do {
                _ = try DirectSupport.slice(settings)
                return "nothing was refused"
            } catch {
                return "\(error)"
            }
        }
    }
}
