// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Testing

@testable import Kernels

/// Names that a program would take for an option, and paths that leave their directory.
struct OptionLikeNameTests {
    @Test(arguments: ["-x", "-\u{301}x", "git:-x@v6.12", "git:--upload-pack=x@y"])
    func aSourceCannotBecomeAnOption(text: String) {
        let error = #expect(throws: PlumblineError.self) { try SourceSpec(text) }
        #expect(error?.message.contains("cannot begin with -") == true)
    }

    @Test(arguments: [
        "../6.12", "-6.12", "6.12/../x", "6.12+../x", "6.12\n", "6.12+\u{1b}[2J", "6\u{301}.12",
    ])
    func aVariantIsAVersionAndKnownChanges(name: String) {
        #expect(throws: PlumblineError.self) { try KernelVariant(name, anyVersion: true) }
    }

    @Test(arguments: [
        "+++ b/../x\n", "+++ b/a\r\n+++ b/../../etc/passwd\r\n", "--- a/x\n+++ b//etc/passwd\n",
        "rename to ../x\n+++ b/x\n", "copy to ../x\n+++ b/x\n", "+++ \u{301}b/../x\n",
        "+++ b/x/\u{301}../../../y\n", "+++ b/x/..\u{301}/\n+++ b/x/../\u{301}y\n",
        "+++ b/x\u{2028}/../../y\n", "+++ b/x\r/../../y\n",
    ])
    func aPatchStaysInTheSource(text: String) {
        let error = #expect(throws: PlumblineError.self) { try KernelPatch(text, at: "x.patch") }
        #expect(error?.message.contains("outside the source") == true)
    }

    @Test func aPatchsFilesAreAllKnown() throws {
        let text = "copy from x\ncopy to y\n--- a/x\t2026\r\n+++ b/z\r\n"
        #expect(try KernelPatch(text, at: "x.patch").files == ["x", "y", "z"])
        let error = #expect(throws: PlumblineError.self) {
            try KernelPatch("+++ \"b/x\\303\"\n", at: "x.patch")
        }
        #expect(error?.message.contains("in quotes") == true)
    }

    @Test func aPatchOfManyFilesIsReadAtOnce() throws {
        let text = (0..<200_000).map { "+++ b/\($0)\n" }.joined()
        #expect(try KernelPatch(text, at: "x.patch").files.count == 200_000)
    }
}
