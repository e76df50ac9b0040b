// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Testing

@testable import Workloads

/// Storage that is made for a program, and where the program finds it.
@Suite(.serialized) struct ProgramStorageTests {
    private let programs: ScriptedProgram

    init() throws { programs = try ScriptedProgram() }

    private func plan(
        _ run: [String], _ settings: [String: SettingValue] = [:]
    ) throws(PlumblineError) -> CommandWorkload {
        let given = settings.merging(["run": .words(run)]) { $1 }
        return try CommandWorkload(
            SettingValues(given, declared: CommandWorkload.settings, owner: CommandWorkload.name))
    }

    @Test(
        "a word stands for a path wherever it is, but for a shell's variable",
        arguments: [
            ("{storage}", "/m"), ("--dir={storage}/{storage}/x", "--dir=/m//m/x"),
            ("${storage}", "${storage}"), ("{storage}${storage}", "/m${storage}"),
            ("{ storage }", "{ storage }"), ("{file}", "{file}"), ("", ""),
        ])
    func words(argument: String, filled: String) {
        #expect(StorageWord.storage.replaced(in: argument, by: "/m") == filled)
    }

    @Test func aPathWithAWordInItIsNotLookedAtAgain() {
        #expect(StorageWord.storage.replaced(in: "{storage}", by: "/{storage}") == "/{storage}")
    }

    @Test(
        "what is wrong with the storage is said before anything is made",
        arguments: [
            (["x", "{storage}"], [:], "run has {storage}, and the cell has no storage"),
            (["x", "--file={file}"], [:], "run has {file}, and the cell has no storage"),
            (["x"], ["size": "1m"], "size changes nothing without storage"),
            (["x"], ["directory": "/tmp"], "directory changes nothing without storage"),
            (["x"], ["storage": "floppy"], "unknown storage 'floppy'"),
            (["x"], ["storage": "zram:ext4", "size": "6k"], "is not a multiple of 4096"),
            (["x"], ["storage": "device:/dev/sdz"], "writing to /dev/sdz destroys its contents"),
        ] as [([String], [String: SettingValue], String)])
    func refused(run: [String], settings: [String: SettingValue], message: String) throws {
        let error = try #require(throws: PlumblineError.self) { try plan(run, settings) }
        #expect(error.kind == .usage)
        #expect(error.message.contains(message), "\(error)")
    }

    @Test func aShellsVariableNeedsNoStorage() throws {
        #expect(try plan(["sh", "-c", "echo ${storage}${file}"]).storage == nil)
    }

    @Test func aProgramSharesTheStorageOfDirectReads() throws {
        let settings: [String: SettingValue] = ["storage": "zram:ext4", "size": "16m"]
        let direct = try DirectSupport.workload(settings)
        #expect(try plan(["x", "{file}"], settings).storage == direct.storage)
        #expect(try plan(["x"], settings).guestPrograms == direct.guestPrograms)
    }

    /// One slice of a program in a directory that is its storage.
    private func slice(
        _ run: [String], size: SettingValue = "64k"
    ) throws -> ProgramResult {
        let workload = try ScriptedProgram.workload(
            run,
            [
                "storage": "directory", "size": size, "metric": "key:ops", "better": "higher",
            ])
        let workers = try ResidentWorkers(
            workload, in: WorkloadEnvironment(directory: programs.directory, seed: 3),
            clock: ShortSlice.clock, ResidentWorkers.Options())
        defer { workers.release() }
        return try ScriptedProgram.slice(of: workers)
    }

    @Test func aProgramFindsItByItsArgumentsAndByAVariable() throws {
        let path = try programs.script(
            #"[ "$1" = "$PLUMBLINE_STORAGE/x" ] && [ -d "$PLUMBLINE_STORAGE" ] && echo ops: 5"#)
        let result = try slice([path, "{storage}/x"])
        #expect(result.value == 5, "\(result.reasons)")
    }

    @Test func withoutStorageThereIsNoVariable() throws {
        let path = try programs.script(#"echo "ops: ${PLUMBLINE_STORAGE-6}""#)
        let ops: [String: SettingValue] = ["metric": "key:ops", "better": "higher"]
        #expect(try ScriptedProgram.slice([path], ops).value == 6)
    }

    @Test func theFileIsTheOneThatDirectReadsFind() throws {
        let path = try programs.script(#"echo "ops: $(wc -c <"$1")"; echo "$1" >"$0.path""#)
        #expect(try slice([path, "{file}"]).value == 65536)
        let file = try SystemFile.read("\(path).path").trimmed
        let direct = try DirectSupport.workload([
            "storage": "directory", "size": "64k", "verify": true,
        ])
        let site = try DirectSite(
            direct, WorkloadEnvironment(directory: programs.directory, seed: 9))
        #expect(site.regions.map(\.path) == [file])
        let counts = try DirectSupport.slice(
            ["storage": "directory", "size": "64k", "verify": true], in: programs.directory)
        #expect(counts.operations > 0)
    }

    @Test func programsThatAreMissingAreSaidWithWhatHasThem() {
        for (run, remedy) in [
            (["fio", "job"], "apt-get install fio"), (["pipe-baseline"], "make install"),
            (["plumbline-no-such-program"], "install it, or give its path"),
        ] {
            let error = ProgramFiles.Problem.notFound(run[0])
                .error(running: run, at: "this machine")
            #expect(error.kind == .usage)
            #expect(error.message.contains("there is no program '\(run[0])'"))
            #expect(error.remedy.contains(remedy), "\(error)")
        }
        let other = ProgramFiles.Problem.notExecutable("/x").error(running: ["/x"], at: "here")
        #expect(other == ProgramFiles.Problem.notExecutable("/x").error(at: "here"))
    }
}
