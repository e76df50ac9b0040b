// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Testing

@testable import Kernels

/// Names that a program would take for an option, and paths that leave their directory.
struct OptionLikeNameTests {
    @Test(arguments: ["-x", "git:-x@v6.12", "git:--upload-pack=x@y"])
    func aSourceCannotBecomeAnOption(text: String) {
        let error = #expect(throws: PlumblineError.self) { try SourceSpec(text) }
        #expect(error?.message.contains("cannot begin with -") == true)
    }

    @Test(arguments: ["../6.12", "-6.12", "6.12/../x", "6.12+../x", "6.12\n", "6.12+\u{1b}[2J"])
    func aVariantIsAVersionAndKnownChanges(name: String) {
        #expect(throws: PlumblineError.self) { try KernelVariant(name, anyVersion: true) }
    }

    @Test(arguments: [
        "+++ b/../x\n", "+++ b/a\r\n+++ b/../../etc/passwd\r\n", "--- a/x\n+++ b//etc/passwd\n",
        "rename to ../x\n+++ b/x\n",
    ])
    func aPatchStaysInTheSource(text: String) {
        let error = #expect(throws: PlumblineError.self) { try KernelPatch(text, at: "x.patch") }
        #expect(error?.message.contains("outside the source") == true)
    }

    @Test func aPatchOfManyFilesIsReadAtOnce() throws {
        let text = (0..<200_000).map { "+++ b/\($0)\n" }.joined()
        #expect(try KernelPatch(text, at: "x.patch").files.count == 200_000)
    }
}
