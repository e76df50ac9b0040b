// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Testing

/// Files that guests boot from, lost in the middle, and disks that are full.
@Suite(.serialized, .disabled(if: GuestParts.missing != nil, "\(GuestParts.missing ?? "")"))
struct GuestFileTests {
    /// What becomes of the files of a comparison that runs.
    enum Loss: String, CaseIterable {
        /// The kernel's image is removed.
        case image = "rm bzImage"
        /// The kernel's image is cut short.
        case half = "truncate -s 1M bzImage"
        /// The whole cache is removed.
        case cache = "rm -r cache"

        /// What the command says.
        var words: String {
            switch self {
            case .image: "its image is gone"
            case .half: "before its agent started"
            case .cache: "its initramfs is gone from the cache"
            }
        }
    }

    @Test(arguments: Loss.allCases)
    func aFileThatIsLostEndsTheCommandAndAResumeMakesItWhole(loss: Loss) throws {
        let before = Leftovers.now()
        let guest = try GuestRun(.toggle, image: "bzImage")
        let image = try #require(GuestParts.image)
        func shell(_ script: String) throws {
            let result = try Command.run([
                "sh", "-euc", "cd \"$1\"; cp \"$2\" whole; \(script)", "sh", guest.run.directory,
                image,
            ])
            try #require(result.succeeded, "\(result.output)")
        }
        try shell("cp whole bzImage; mkdir cache")
        guest.wrapper = ["env", "XDG_CACHE_HOME=\(guest.run.directory)/cache"]
        try guest.start()
        try guest.awaitLines("slice")
        try shell(loss.rawValue)
        #expect(try guest.run.wait() == 5, "\(guest.run.printed)")
        #expect(guest.run.printed.contains(loss.words), "\(guest.run.printed)")
        let stored = try guest.stored()
        #expect(stored.ending?.state == .failed)
        #expect(stored.voidRounds.count == 4)
        #expect(try !guest.lostRounds().map(\.round).contains(0))
        #expect(!stored.slices.isEmpty)
        try before.expectNone()
        try shell("cp whole bzImage; mkdir -p cache")
        try guest.finishWhole()
        try before.expectNone()
    }

    /// Becomes a program that sees a file system of so many bytes in a directory.
    private func full(_ directory: String, size: String) throws -> [String] {
        try SystemFile.makeDirectory(directory)
        let script = "mount -t tmpfs -o size=\(size) plumbline-full \"$0\" && exec \"$@\""
        return ["unshare", "-m", "sh", "-c", script, directory]
    }

    @Test func aFullDiskForTheInitramfsEndsTheCommandBeforeItsJournal() throws {
        let before = Leftovers.now()
        let guest = try GuestRun(.ab)
        let directory = "\(guest.run.directory)/cache"
        guest.wrapper =
            try full(directory, size: "1m") + ["env", "XDG_CACHE_HOME=\(directory)"]
        #expect(try guest.finish() == 1, "\(guest.run.printed)")
        #expect(guest.run.printed.contains("No space left on device"), "\(guest.run.printed)")
        #expect(guest.run.printed.contains("XDG_CACHE_HOME"), "\(guest.run.printed)")
        #expect(!SystemFile.exists(guest.journalPath))
        try before.expectNone()
    }

    @Test func aFullDiskForDrivesEndsTheCommandBeforeItsJournal() throws {
        let before = Leftovers.now()
        let guest = try GuestRun(.toggle, ["--drive-directory", "drives"])
        try Descriptor.open("\(guest.run.directory)/short.yaml", [.write, .truncate]).writeAll(
            """
            suite: drive
            slices: 4
            cells:
              - workload: dio
                rw: randread
                bs: 4k
                storage: virtio
                size: 64m

            """)
        guest.wrapper = try full("\(guest.run.directory)/drives", size: "16m")
        #expect(try guest.finish() == 1, "\(guest.run.printed)")
        let printed = guest.run.printed
        #expect(printed.contains("there is no room for its drive"), "\(printed)")
        #expect(printed.contains("--drive-directory"), "\(printed)")
        #expect(!SystemFile.exists(guest.journalPath))
        try before.expectNone()
    }
}
