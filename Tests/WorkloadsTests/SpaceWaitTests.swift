// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Testing

@testable import Workloads

extension Slices {
    /// File systems that free the blocks of removed files late.
    @Suite struct SpaceWaitTests {
        @Test(
            "forty slices after each other fit on an XFS that holds the files of one",
            .enabled(if: DirectSupport.hasLoop, DirectSupport.needsLoop),
            .enabled(if: SystemFile.exists("/usr/sbin/mkfs.xfs"), "no mkfs.xfs"))
        func slices() throws {
            try DirectSupport.withDirectory { directory in
                let size = 400 << 20
                let storage = try StorageSpec(text: "loop:xfs", size: size)
                    .prepare(undoLog: try UndoLog(directory: directory))
                defer { storage.remove() }
                let place: String = try #require(storage.directory)
                for _ in 0..<40 {
                    let counts = try ShortSlice.run(
                        SpliceWorkload.self,
                        ["mode": "pipe-file", "jobs": 4, "file_size": .integer(size / 4)],
                        in: place, milliseconds: 20)
                    #expect(counts.operations > 0)
                }
            }
        }

        @Test("what is larger than the whole file system is refused at once")
        func tooLarge() throws {
            let file = try Descriptor.open("/tmp", [.readWrite, .temporary], mode: 0o600)
            var pulses = 0
            #expect(throws: (any Error).self) {
                try SpaceWait.reserve(file, 1 << 52) { pulses += 1 }
            }
            #expect(pulses == 0)
        }
    }
}
