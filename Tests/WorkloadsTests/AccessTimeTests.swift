// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import Testing

@testable import Workloads

extension Slices {
    /// `noatime`, on files whose time of last access is long ago.
    @Suite struct AccessTimeTests {
        private static let longAgo = 1000

        /// A readable file of 64 KiB.
        private static func withFile<Answer>(_ body: (String) throws -> Answer) throws -> Answer {
            try DirectSupport.withDirectory { directory in
                let path = "\(directory)/given"
                try DirectSupport.makeFile(path, bytes: 65536)
                let omitted = (1 << 30) - 2  // UTIME_OMIT
                let times = [
                    timespec(tv_sec: longAgo, tv_nsec: 0), timespec(tv_sec: 0, tv_nsec: omitted),
                ]
                try #require(utimensat(AT_FDCWD, path, times, 0) == 0)
                return try body(path)
            }
        }

        private static func isUntouched(_ path: String) throws -> Bool {
            var facts = stat()
            try #require(stat(path, &facts) == 0)
            return facts.st_atim.tv_sec == longAgo
        }

        /// Whether the file system of the tests keeps the time of last access.
        private static let isKept: Bool = {
            let answer = try? withFile { path in
                var byte = [UInt8](repeating: 0, count: 1)
                _ = try byte.withUnsafeMutableBytes { try Descriptor.open(path).read(into: $0) }
                return try isUntouched(path)
            }
            return answer == false
        }()

        @Test(
            "reads leave the time of last access as it is, unless noatime=0",
            .enabled(if: isKept, "needs a file system mounted without noatime"),
            arguments: ["psync", "io_uring"])
        func accessTime(engine: String) throws {
            for (noatime, expected) in [(nil, true), (true, true), (false, false)] {
                try Self.withFile { path in
                    var settings: [String: SettingValue] = [
                        "filename": .text(path), "size": "64k", "ioengine": .text(engine),
                    ]
                    settings["noatime"] = noatime.map { .flag($0) }
                    let counts = try DirectSupport.slice(settings)
                    #expect(counts.operations > 0)
                    #expect(try Self.isUntouched(path) == expected, "noatime=\(noatime as Any)")
                }
            }
        }

        @Test(
            "another user's file is read without noatime by default, and refused with noatime=1",
            .enabled(if: DirectSupport.isRoot, DirectSupport.needsRoot))
        func otherUser() throws {
            try Self.withFile { path in
                let said = try [nil, true].map { (noatime: Bool?) in
                    try DirectSupport.inChild {
                        guard setuid(65534) == 0 else { return "cannot become nobody" }
                        var settings: [String: SettingValue] = [
                            "filename": .text(path), "size": "64k",
                        ]
                        settings["noatime"] = noatime.map { .flag($0) }
                        do {
                            let counts = try DirectSupport.slice(settings)
                            return counts.operations > 0 ? nil : "nothing was read"
                        } catch {
                            return "\(error)"
                        }
                    }
                }
                #expect(said[0] == "as expected")
                #expect(said[1].contains("noatime=1 is not permitted for \(path)"), "\(said[1])")
                #expect(said[1].contains("leave noatime out"), "\(said[1])")
            }
        }
    }
}
