// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Testing

@testable import Kernels

@Suite("Command lines and output of builds") struct BuildTextTests {
    @Test("the hash is SHA-256's", arguments: [0, 3, 55, 56, 64, 1000])
    func hash(length: Int) {
        let known = [
            0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            3: "9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0",
            55: "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318",
            56: "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a",
            64: "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb",
            1000: "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3",
        ]
        #expect(BuildHash.hex(String(repeating: "a", count: length)) == known[length])
    }

    @Test("make gets its directories, fixed variables, and nothing of the environment's make")
    func make() {
        let words = BuildCommand.make(
            source: "/s", output: "/o", lock: "/o/l", jobs: 2, variables: ["A=b"],
            targets: ["bzImage"])
        #expect(words.prefix(5) == ["flock", "--nonblock", "--conflict-exit-code", "75", "/o/l"])
        #expect(
            words.suffix(8) == ["make", "-C", "/s", "O=/o", "ARCH=x86_64", "-j2", "A=b", "bzImage"])
        #expect(words.contains("KBUILD_BUILD_TIMESTAMP=1970-01-01 00:00:00 UTC"))
        #expect(words.firstIndex(of: "MAKEFLAGS").map { words[$0 - 1] } == "-u")
    }

    @Test("the release fits into uname's 64 bytes")
    func release() {
        let name = "6.12+pipe-prealloc+" + String(repeating: "x", count: 100)
        #expect(BuildCommand.localVersion(of: name, version: "6.12").utf8.count <= 48)
        #expect(
            BuildCommand.localVersion(of: "7.2-pipe-prealloc", version: "7.2")
                == "-plumbline-pipe-prealloc")
    }

    @Test("the first error is the compiler's, not make's last word")
    func firstError() {
        let lines = [
            "  CC      fs/pipe.o", "fs/pipe.c:3:1: error: unknown type name 'x'", "    3 | x y;",
            "make[2]: *** [fs/pipe.o] Error 1", "make: *** [all] Error 2",
        ]
        #expect(BuildFailure.firstError(in: lines).first == lines[1])
        #expect(BuildFailure.firstError(in: ["make: *** no rule"]) == ["make: *** no rule"])
        #expect(BuildFailure.firstError(in: []) == [])
    }

    @Test("objects are counted as kbuild prints them")
    func objects() {
        #expect(BuildLog.object(in: "  CC      fs/pipe.o") == "fs/pipe.o")
        #expect(BuildLog.object(in: "  AS      arch/x86/entry/entry_64.o") != nil)
        #expect(BuildLog.object(in: "  UPD     include/config/kernel.release") == nil)
        #expect(BuildLog.object(in: "make[1]: Entering directory") == nil)
    }

    @Test("missing packages are named with the command that installs them")
    func packages() {
        let none = BuildTools.missing(path: "/usr/bin") { _ in false }
        #expect(none.contains("flex") && none.contains("libelf-dev"))
        let all = BuildTools.missing(path: "/opt/bin") { path in
            path.hasPrefix("/opt/bin/") || path.hasPrefix("/usr/include/")
        }
        #expect(all.isEmpty)
        let error = failure { () throws(PlumblineError) in
            try BuildTools.refuse(missing: ["flex", "bc"], isRoot: false)
        }
        #expect(error?.kind == .failure)
        #expect(error?.remedy == "sudo apt-get install flex bc")
    }
}
