// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Guests
import Suites
import Testing

@testable import Commands

@Suite(.serialized)
struct GuestOptionTests {
    private func plan(_ words: [String], suite: String = "smoke") throws -> GuestPlan {
        let options = try GuestOptions.parse(words)
        let (suite, _) = try SuiteParser.read(SuiteSource.find(suite), overrides: Overrides())
        return try options.plan(name: "g", image: "/k", for: suite)
    }

    @Test func defaultsAreTwoProcessorsAndOneWithTheLensOfInstructions() throws {
        #expect(try plan([]).cpus == 2)
        #expect(try plan([]).memory == 1 << 30)
        #expect(try plan(["--metric", "instructions"]).cpus == 1)
        #expect(try plan(["--metric", "instructions"]).cpus == 1)
        #expect(try plan(["--metric", "time"]).metric == .time)
        #expect(try plan(["--memory", "512m", "--append", "a=1 b"]).kernelArguments == ["a=1 b"])
    }

    @Test func aGuestHasRoomForAllStoragesThatStayInItsMemory() throws {
        // Four devices of null_blk with 256 MiB each, of which the agent keeps all; and hogs.
        #expect(try plan([], suite: "iomap-dio-cache").memory > (3 << 30) + (3 * 256 << 20) - 1)
        #expect(try plan([], suite: "demo").memory == 1 << 30)
    }

    @Test(arguments: [
        (["--memory", "much"], "--memory"), (["--memory", "1000"], "--memory"),
        (["--cpus", "0"], "--cpus"), (["--numa", "3"], "--numa"),
        (["--pin", "0,x"], "allowed on this machine"),
        (["--metric", "instructions", "--cpus", "2"], "--cpus 1"), (["--drive", "big"], "512m"),
        (["--memory", "512"], "the unit is missing, as in 512m;"),
    ])
    func aWrongValueIsRefusedWithItsOption(words: [String], remedy: String) throws {
        #expect { _ = try plan(words) } throws: { error in
            let error = error as? PlumblineError
            return error?.kind == .usage && error?.description.contains(remedy) == true
        }
    }

    @Test func optionsOfAGuestNeedAKernel() async throws {
        let outcome = await Invocation(
            ["run", "smoke", "--cpus", "2", "--agent", "/bin/false"])
        #expect(outcome.code == 64)
        #expect(outcome.diagnostics.contains("--kernel KERNEL"))
    }

    @Test(arguments: [
        ["smoke", "--numa", "2"], ["full", "--cells", "*xfs*"],
        ["smoke", "--cells", "dio/*", "--set", "dio.storage=brd:xfs"],
    ])
    func nodesAndXFSTakeAFullKernel(words: [String]) async throws {
        let scratch = try ScratchDirectory()
        let outcome = await Invocation(
            ["run"] + words + ["--kernel", "6.12+dio-cache", "--agent", "/bin/false"],
            environment: ["XDG_CACHE_HOME": scratch.path, "PATH": "/usr/bin:/bin"])
        #expect(outcome.code == 1)
        #expect(
            outcome.diagnostics.contains("plumbline kernel build 6.12+dio-cache+full"),
            "\(outcome.diagnostics)")
    }

    @Test(arguments: [
        ("6.12+dio-cache+debug", Int32(1), "plumbline kernel build 6.12+dio-cache+debug"),
        ("6.12+dio-cash", 64, "did you mean dio-cache"),
        ("bzImage", 64, "a file name needs a /"),
    ])
    func aKernelIsNamedLikeAVariantToo(name: String, code: Int32, words: String) async throws {
        let scratch = try ScratchDirectory()
        let outcome = await Invocation(
            ["run", "verify", "--kernel", name, "--agent", "/bin/false"],
            environment: ["XDG_CACHE_HOME": scratch.path, "PATH": "/usr/bin:/bin"])
        #expect(outcome.code == code)
        #expect(outcome.diagnostics.contains(words), "\(outcome.diagnostics)")
    }

    @Test func aKernelThatIsNoneIsRefusedBeforeAnythingStarts() async throws {
        let outcome = await Invocation(
            ["run", "smoke", "--kernel", "/etc/passwd", "--agent", "/bin/false"],
            environment: ["HOME": "/tmp", "PATH": "/usr/bin:/bin"])
        #expect(outcome.code != 0)
        #expect(outcome.document == "")
        #expect(
            outcome.diagnostics.contains("is not a kernel")
                || outcome.diagnostics.contains("qemu-system-x86"))
    }
}
