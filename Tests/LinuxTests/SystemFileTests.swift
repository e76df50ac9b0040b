// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage
import Testing

extension Kernel {
    @Suite struct SystemFileTests {
        @Test func aProcFileIsReadWhole() throws {
            #expect(try SystemFile.read("/proc/version").hasPrefix("Linux version "))
            #expect(try SystemFile.readInteger("/proc/sys/kernel/pid_max") > 0)
            #expect(throws: Errno.outOfRange) { try SystemFile.readInteger("/proc/version") }
        }

        @Test func existenceIsTold() {
            #expect(SystemFile.exists("/proc/self"))
            #expect(!SystemFile.exists("/proc/no-such-thing"))
        }

        @Test func writingMakesNoFile() {
            let path = Support.freshPath("none")
            #expect(throws: Errno.noSuchFileOrDirectory) { try SystemFile.write("x", to: path) }
        }

        @Test func theKernelsRefusalOfAWriteIsReported() {
            #expect(throws: Errno.invalidArgument) {
                try SystemFile.write("nonsense", to: "/proc/self/oom_score_adj")
            }
        }

        @Test func directoriesAreMadeListedAndRemoved() throws {
            let path = Support.freshPath("directory")
            try SystemFile.makeDirectory(path)
            #expect(throws: Errno.fileExists) { try SystemFile.makeDirectory(path) }
            #expect(try SystemFile.list(path) == [])
            for name in ["b", "a", "ü"] {
                try Descriptor.open("\(path)/\(name)", [.write, .create]).close()
            }
            #expect(try SystemFile.list(path) == ["a", "b", "ü"])
            #expect(throws: Errno.directoryNotEmpty) { try SystemFile.removeDirectory(path) }
            for name in ["b", "a", "ü"] { try SystemFile.unlink("\(path)/\(name)") }
            try SystemFile.removeDirectory(path)
            #expect(throws: Errno.noSuchFileOrDirectory) { try SystemFile.list(path) }
            #expect(throws: Errno.noSuchFileOrDirectory) { try SystemFile.removeDirectory(path) }
            #expect(throws: Errno.noSuchFileOrDirectory) { try SystemFile.unlink(path) }
        }

        @Test func aListLongerThanTheFirstBufferIsWhole() throws {
            let path = Support.freshPath("long")
            try SystemFile.makeDirectory(path)
            let names = (100..<300).map { "\($0)" + String(repeating: "n", count: 200) }
            for name in names { try Descriptor.open("\(path)/\(name)", [.write, .create]).close() }
            #expect(try SystemFile.list(path) == names)
            for name in names { try SystemFile.unlink("\(path)/\(name)") }
            try SystemFile.removeDirectory(path)
        }
    }

    @Suite struct KernelIdentityTests {
        @Test func unameAgreesWithProc() throws {
            let kernel = try KernelIdentity.current()
            #expect(try SystemFile.read("/proc/sys/kernel/osrelease") == kernel.release + "\n")
            #expect(try SystemFile.read("/proc/sys/kernel/version") == kernel.version + "\n")
            #expect(try SystemFile.read("/proc/sys/kernel/hostname") == kernel.hostname + "\n")
            #expect(!kernel.machine.isEmpty)
            if let id = kernel.buildID { #expect(id.count >= 16) }
        }

        private let linuxNote: [UInt8] = [
            6, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0x4c, 0x69, 0x6e, 0x75, 0x78, 0, 0, 0, 9, 0, 0, 0,
        ]
        private let buildNote: [UInt8] = [
            4, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 0x47, 0x4e, 0x55, 0, 0x0a, 0xff, 0x12, 0,
        ]

        @Test func theBuildIDIsFoundBehindAnotherNote() {
            #expect(KernelIdentity.buildID(inNotes: linuxNote + buildNote) == "0aff12")
        }

        @Test func brokenOrForeignNotesHaveNoBuildID() {
            #expect(KernelIdentity.buildID(inNotes: []) == nil)
            #expect(KernelIdentity.buildID(inNotes: linuxNote) == nil)
            #expect(KernelIdentity.buildID(inNotes: Array(buildNote.dropLast(4))) == nil)
            let hugeName: [UInt8] = [255, 255, 255, 255, 3, 0, 0, 0, 3, 0, 0, 0]
            #expect(KernelIdentity.buildID(inNotes: hugeName) == nil)
        }
    }
}
