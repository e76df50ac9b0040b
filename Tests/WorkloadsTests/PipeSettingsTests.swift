// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Glibc
import Linux
import SystemPackage
import Testing

@testable import Workloads

@Suite struct PipeSettingsTests {
    private func pipe(_ told: [String: SettingValue]) throws -> any Workload {
        try ShortSlice.workload(PipeWorkload.self, told)
    }

    @Test("A cell's name tells every setting that differs from its default")
    func names() throws {
        #expect(try pipe([:]).cellName == "1w1r/64KiB/default")
        #expect(
            try pipe(["writers": 2, "pipe_size": "1m"]).cellName == "2w1r/64KiB/1MiB")
        #expect(
            try pipe(["packet": true, "msgsize": 4095, "rate": 100, "blocking": false]).cellName
                == "1w1r/4095B/default/blocking=0/packet=1/rate=100")
        #expect(
            try pipe(["reader_cpus": "0-1", "workers": "process", "timing": "off"]).cellName
                == "1w1r/64KiB/default/workers=process/timing=off/reader_cpus=0-1")
    }

    @Test(
        "A value that no pipe can have is refused with what is allowed",
        arguments: ["0", "2147483648", "-1", "64q", ""])
    func msgsize(value: String) throws {
        let error = try #require(throws: PlumblineError.self) {
            try pipe(["msgsize": .text(value)])
        }
        #expect(error.kind == .usage)
        #expect(
            error.message
                == "invalid value '\(value)' for pipe.msgsize (allowed: 1 to 2147483647)")
    }

    @Test("The largest message is INT_MAX bytes")
    func largest() throws {
        #expect(try pipe(["msgsize": 2_147_483_647]).bufferBytes > 2 * 2_147_483_647)
    }

    @Test("More workers than make sense are refused")
    func workers() throws {
        let error = try #require(throws: PlumblineError.self) {
            try pipe(["pipes": 1024, "writers": 4])
        }
        #expect(error.message.contains("5120 workers"))
    }

    @Test("A pipe_size above fs.pipe-max-size names the limit, its value and the remedy")
    func sizeLimit() throws {
        let maximum = try Pipe.maximumSize
        // The privileged are not refused.
        let said = try ShortSlice.said {
            guard ChildProcess.userID != 0 || setuid(65534) == 0 else { return "still root" }
            return (try? prepared(["pipe_size": .integer(2 * maximum)]))?.description ?? "no error"
        }
        #expect(said.contains("fs.pipe-max-size, which is set to \(maximum)"), "\(said)")
        #expect(said.contains("sysctl fs.pipe-max-size=\(2 * maximum)"), "\(said)")
        let pages = PipeRefusal(asked: 4096, pipes: 1, number: 0, error: .notPermitted).error
        #expect(pages.message.contains("fs.pipe-user-pages-soft"))
    }

    @Test("Too many pipes name the limit of open files and the remedy")
    func openFiles() throws {
        let said = try ShortSlice.said {
            OpenFiles.limit(to: 40, atMost: 40)
            return (try? prepared(["pipes": 100]))?.description ?? "no error"
        }
        #expect(said.contains("pipes=100 needs"), "\(said)")
        #expect(said.contains("the limit is 40 (RLIMIT_NOFILE)"), "\(said)")
        #expect(said.contains("ulimit -n"), "\(said)")
    }

    @Test("A soft limit of open files is raised when pipes need it")
    func raisedLimit() throws {
        let said = try ShortSlice.said {
            OpenFiles.limit(to: 40, atMost: 400)
            return (try? prepared(["pipes": 100]))?.description ?? "no error"
        }
        #expect(said == "no error")
    }

    /// What preparing says.
    private func prepared(_ told: [String: SettingValue]) throws -> PlumblineError? {
        let workload = try pipe(told)
        do {
            try workload.prepare(in: WorkloadEnvironment(seed: 1)).close()
            return nil
        } catch { return error }
    }
}

/// The limit of open files, for forked children of tests.
enum OpenFiles {
    static func limit(to soft: UInt, atMost hard: UInt) {
        var limit = rlimit(rlim_cur: soft, rlim_max: hard)
        setrlimit(__rlimit_resource_t(7), &limit)
    }
}
