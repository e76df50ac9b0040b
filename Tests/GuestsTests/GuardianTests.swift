// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import TestSupport
import Testing

@Suite(.serialized)
struct GuardianTests {
    /// Starts a guardian over a shell that gets ready, writes its id to a file, and runs a script.
    private func start(
        over parent: Int32, in directory: String, ready: String = ":",
        script: String = "exec sleep 3600"
    ) throws -> (guardian: ChildProcess, guarded: ChildProcess) {
        let file = "\(directory)/id"
        let null = try Descriptor.open("/dev/null", .write)
        let guardian = try Command.spawn(
            [
                Built.agent, "--guardian", "\(parent)", "--", "sh", "-c",
                "\(ready); echo $$ >'\(file).new'; mv '\(file).new' '\(file)'; \(script)",
            ], output: null)
        try eventually("the program runs") { SystemFile.exists(file) }
        return (guardian, ChildProcess(id: Int32(try SystemFile.readInteger(file))))
    }

    /// Waits for a process that is no child of ours to be gone.
    private func awaitEnd(of process: ChildProcess) throws {
        try eventually("the program is gone") { ObservedProcess(process.id).hasEnded }
    }

    @Test func theProgramDiesWhenItsControllerIsKilled() throws {
        try Scratch.with { directory in
            let null = try Descriptor.open("/dev/null", .write)
            let controller = try Command.spawn(["sleep", "3600"], output: null)
            let (guardian, guarded) = try start(over: controller.id, in: directory)
            try controller.kill()
            _ = try controller.wait()
            #expect(try guardian.wait() == .exited(128 + ChildProcess.killSignal))
            try awaitEnd(of: guarded)
        }
    }

    @Test func theProgramDiesWhenItsGuardianIsKilled() throws {
        try Scratch.with { directory in
            let (guardian, guarded) = try start(over: ChildProcess.currentID, in: directory)
            try guardian.kill()
            _ = try guardian.wait()
            try awaitEnd(of: guarded)
        }
    }

    @Test func aTerminationIsPassedOnAndTheStatusIsThePrograms() throws {
        try Scratch.with { directory in
            let (guardian, guarded) = try start(
                over: ChildProcess.currentID, in: directory, ready: "trap 'exit 7' TERM",
                script: "while :; do sleep 0.05; done")
            try guardian.kill(ChildProcess.terminateSignal)
            #expect(try guardian.wait() == .exited(7))
            try awaitEnd(of: guarded)
        }
    }

    @Test func scratchFilesHaveNoNameAndAreThere() throws {
        try Scratch.with { directory in
            let null = try Descriptor.open("/dev/null", .write)
            let guardian = try Command.spawn(
                [
                    Built.agent, "--guardian", "\(ChildProcess.currentID)", "--scratch",
                    "1048576:\(directory)", "--", "sh", "-c",
                    "[ $(stat -L -c %s \"$0\") = 1048576 ] && [ -z \"$(ls '\(directory)')\" ]",
                    "@scratch0@",
                ], output: null)
            #expect(try guardian.wait() == .exited(0))
        }
    }

    @Test func wrongOrdersAndProgramsThatAreNotThereAreRefused() throws {
        func end(_ words: [String]) throws -> ChildProcess.Exit {
            try Command.run([Built.agent, "--guardian"] + words).exit
        }
        let own = "\(ChildProcess.currentID)"
        #expect(try end([]) == .exited(64))
        #expect(try end([own, "--odd", "1", "--", "true"]) == .exited(64))
        #expect(try end([own, "--", "no-such-program"]) == .exited(127))
        #expect(try end([own, "--", "true"]) == .exited(0))
    }
}
