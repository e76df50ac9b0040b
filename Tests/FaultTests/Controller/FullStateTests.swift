// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import LabSupport
import Linux
import Testing

/// Where the directory for temporary files or for the undo log is full, what needs it says so and names
/// it, and the rest goes on.
@Suite(.serialized, .disabled(if: Faults.missing != nil, "\(Faults.missing ?? "")"))
struct FullStateTests {
    private static let isBelowTmp = Built.plumbline.hasPrefix("/tmp/")

    @Test(.disabled(if: isBelowTmp, "the programs are in /tmp"))
    func aFullTmpMattersToNoCell() throws {
        let before = Leftovers.now()
        let experiment = try ShortExperiment(.run)
        let exit = try experiment.run(by: Self.namespace(full: ["/tmp"]))
        #expect(ShortExperiment.isRegular(exit), "\(exit): \(experiment.printed)")
        try before.expectNone()
    }

    @Test(.disabled(if: isBelowTmp, "the programs are in /tmp"))
    func aFullDirectoryForDataIsNamedByTheCellsThatNeedIt() throws {
        let before = Leftovers.now()
        let experiment = try ShortExperiment(.run)
        try experiment.scratch.file(
            "short.yaml",
            """
            suite: short
            slices: 2
            slice: 10ms
            guard: 2ms
            cells:
              - workload: pipe
              - workload: dio
                rw: randread
                bs: 4k
                ioengine: psync
                size: 16m

            """)
        let exit = try experiment.run(by: Self.namespace(full: ["/tmp"]) + ["env", "TMPDIR=/tmp"])
        #expect(exit == .exited(1))
        #expect(
            experiment.printed.contains("directory /tmp has 0B free; the files need 16MiB"),
            "\(experiment.printed)")
        let stored = try StoredJournal(readingFrom: experiment.journal)
        #expect(stored.slices.count { $0.cell.hasPrefix("pipe/") } == 2)
        #expect(stored.failures.count == 1)
        try before.expectNone()
    }

    @Test func aFullStateDirectoryIsNamedAndNothingIsChangedWithoutARecord() throws {
        let before = Leftovers.now()
        let experiment = try ShortExperiment(.run)
        let exit = try experiment.run(by: Self.namespace(full: ["/run"]))
        #expect(exit == .exited(1))
        #expect(!experiment.printed.contains("left: "), "\(experiment.printed)")
        #expect(experiment.printed.contains("cannot write the undo log /run/plumbline/undo-"))
        #expect(experiment.printed.contains(": No space left on device"))
        #expect(experiment.printed.contains("make room in /run/plumbline"))
        let stored = try StoredJournal(readingFrom: experiment.journal)
        // The cell without a limit changes nothing of the machine.
        #expect(stored.slices.count == stored.header.plan.suite.slices)
        #expect(stored.failures.map { $0.cell.contains("memcg") } == [true])
        try before.expectNone()
        let whole = try experiment.run()
        #expect(ShortExperiment.isRegular(whole), "\(experiment.printed)")
        #expect(try StoredJournal(readingFrom: experiment.journal).failures.isEmpty)
        try before.expectNone()
    }

    @Test func aKnobIsNotSwitchedWithoutARecord() throws {
        let before = Leftovers.now()
        let experiment = try ShortExperiment(.toggle)
        let exit = try experiment.run(by: Self.namespace(full: ["/run"]))
        #expect(exit == .exited(1))
        #expect(!experiment.printed.contains("left: "), "\(experiment.printed)")
        #expect(experiment.printed.contains("cannot write the undo log /run/plumbline/undo-"))
        #expect(experiment.knob == ShortExperiment.original)
        #expect(!SystemFile.exists(experiment.journal))
        try before.expectNone()
    }

    /// A program that runs its arguments where these directories are file systems without room; what
    /// is left in the state directory is printed.
    private static func namespace(full directories: [String]) -> [String] {
        let script = """
            for d in \(directories.joined(separator: " ")); do
              mount -t tmpfs -o size=4k full "$d" && mkdir -p "$d/plumbline" && chmod 700 "$d/plumbline" &&
                head -c 4096 /dev/zero >"$d/ballast" || exit 99
            done
            "$0" "$@"
            code=$?
            find /run/plumbline -name 'undo-*' -exec echo left: {} ';'
            exit $code
            """
        return ["unshare", "-m", "--propagation", "private", "sh", "-c", script]
    }
}
