// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import TestSupport
import Testing

/// A file system is full, or a device goes away in a slice.
@Suite(.serialized, .disabled(if: Faults.missing != nil, "\(Faults.missing ?? "")"))
struct StorageFaultTests {
    /// A small file system on a loop device of the test's own, which ends with its value.
    private final class SmallDisk {
        let path: String

        init(in run: MachineRun) throws {
            path = "\(run.directory)/disk"
            let made = try Command.run([
                "sh", "-euc",
                """
                cd '\(run.directory)'
                truncate -s 40M image
                mkfs.ext4 -q -F image
                mkdir disk
                mount -o loop image disk
                """,
            ])
            #expect(made.succeeded, "\(made.output)")
        }

        deinit { _ = try? Command.run(["umount", "-l", path]) }

        /// Fills it, but for some MiB.
        func fill(leaving megabytes: Int = 0) throws {
            _ = try Command.run([
                "sh", "-c",
                """
                cd '\(path)' && fallocate -l \(megabytes + 1)M room
                cat /dev/zero >filler 2>/dev/null
                rm room
                [ \(megabytes) = 0 ] && cat /dev/zero >filler2 2>/dev/null
                sync -f .
                """,
            ])
        }
    }

    private func cell(_ disk: SmallDisk, size: Int) -> String {
        """
          - workload: dio
            directory: \(disk.path)
            size: \(size)m
        """
    }

    @Test func aFullDirectoryIsNamedAndTheOtherCellsGoOn() throws {
        let run = try MachineRun(Cells.pipe)
        let disk = try SmallDisk(in: run)
        try run.write(
            "suite: machine\nslice: 200ms\nslices: 3\ncells:\n\(Cells.pipe)\n\(cell(disk, size: 8))\n",
            to: "machine.yaml")
        try disk.fill(leaving: 2)
        try run.start("run machine.yaml")
        #expect(try run.wait() == 1, "\(run.printed)")
        #expect(run.printed.contains("directory \(disk.path) has"), "\(run.printed)")
        #expect(run.printed.contains("the files need 8MiB"), "\(run.printed)")
        #expect(run.slices.count == 3)
        #expect(try SystemFile.list(disk.path).allSatisfy { !$0.hasPrefix("plumbline") })
        _ = try Command.run(["umount", disk.path])
        try run.expectNothingLeft()
    }

    @Test func aDirectoryThatFillsUpWhileFilesAreLaidOutIsNamed() throws {
        let run = try MachineRun(Cells.pipe)
        let disk = try SmallDisk(in: run)
        try run.write(
            "suite: machine\nslice: 500ms\nslices: 6\ncells:\n\(cell(disk, size: 4))\n"
                + "\(cell(disk, size: 16))\n", to: "machine.yaml")
        try run.start("run machine.yaml")
        try run.awaitSlices()
        try disk.fill()
        let code = try run.wait()
        #expect(code == 1, "\(run.printed)")
        #expect(run.printed.contains(disk.path), "\(run.printed)")
        #expect(run.slices.count >= 6, "\(run.printed)")
        #expect(try SystemFile.list(disk.path).allSatisfy { !$0.hasPrefix("plumbline") })
        _ = try Command.run(["umount", disk.path])
        try run.expectNothingLeft()
    }

    @Test func aFullDirectoryForTemporaryFilesIsNoMatter() throws {
        let run = try MachineRun(Cells.memcg, slices: 3)
        let disk = try SmallDisk(in: run)
        try disk.fill()
        try run.start("run machine.yaml", first: "export TMPDIR='\(disk.path)'")
        #expect(try run.wait() == 0, "\(run.printed)")
        _ = try Command.run(["umount", disk.path])
        try run.expectNothingLeft()
    }

    @Test func aFullDirectoryOfUndoLogsIsNamedAndNothingIsChanged() throws {
        let run = try MachineRun(Cells.pipe + "\n" + Cells.loop, slices: 3)
        try run.start(
            "run machine.yaml",
            first: """
                mkdir -p /run/plumbline && mount -t tmpfs -o size=4k,mode=0700 none /run/plumbline \
                && { cat /dev/zero >/run/plumbline/filler; } 2>/dev/null; mount --make-rprivate /
                """)
        #expect(try run.wait() == 1, "\(run.printed)")
        #expect(
            run.printed.contains("cannot write the undo log /run/plumbline/undo-"), "\(run.printed)"
        )
        #expect(run.printed.contains("No space left on device"), "\(run.printed)")
        #expect(run.slices.count == 3)
        try run.expectNothingLeft()
    }

    /// Starts a run of direct reads on a loop device, and runs a shell's commands in a slice.
    private func run(meanwhile script: (_ agent: Int32) -> String) throws -> MachineRun {
        let run = try MachineRun(Cells.loop, slice: "300ms", slices: 14)
        try run.start("run machine.yaml")
        try run.awaitSlices()
        try Clock.sleep(nanoseconds: 400_000_000)
        let result = try Command.run(["sh", "-c", script(try #require(run.agent))])
        #expect(result.succeeded, "\(result.output)")
        #expect(try run.wait() == 0, "\(run.printed)")
        #expect(run.slices.count == 14)
        try run.expectNothingLeft()
        return run
    }

    @Test func aFileBehindALoopDeviceThatIsCutVoidsTheSlices() throws {
        let run = try run { "for f in /run/plumbline/plumbline-tmpfs-\($0)-*/loop; do : >$f; done" }
        #expect(
            run.slices.contains { $0.reasons["io-error"]?.contains("Input/output error") == true },
            "\(run.slices.map(\.reasons))")
    }

    @Test func aFileSystemThatSomebodyUnmountsIsMadeAnewAndNoOtherOneIsMeasured() throws {
        let run = try run { "umount -l /run/plumbline/plumbline-storage-\($0)-*" }
        #expect(run.unexpectedReasons.isEmpty, "\(run.slices.map(\.reasons))")
        #expect(
            run.printed.contains("storage loop:ext4 was taken away by another program"),
            "\(run.printed)")
    }
}
