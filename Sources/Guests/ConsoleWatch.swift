// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics

/// Watches a guest's kernel console and QEMU's own messages for faults.
///
/// It keeps the lines around the first fault, else the last ones, for the error.
struct ConsoleWatch: MachineWatch {
    /// Lines kept without a fault.
    static let last = 12
    /// Lines kept before a fault.
    static let before = 3
    /// Lines kept from a fault on.
    static let after = 30
    private static let lineLimit = 200

    private let guest: String
    private var latest: [String] = []
    private var recent: [String] = []
    private var following: [String] = []
    private var firstLines: [String] = []
    private var faultLine = ""
    /// The first fault.
    private(set) var fault: ConsoleFault?

    /// - Parameter guest: its name in errors.
    init(guest: String) { self.guest = guest }

    /// A clock becomes unstable when the host is too busy.
    var blamesMachine: Bool { fault == .clock }

    /// The guest, its fault, and the line of the console.
    var finding: String? {
        fault.map { "\(guest) \($0.words): \(faultLine)" }
    }

    /// The lines to show.
    var excerpt: [String] { recent + following }

    mutating func take(_ line: String) {
        let clean = Self.clean(line)
        if clean.isEmpty { return }
        let found = ConsoleFault(in: clean)
        if let found, fault == nil || (found == .panic && fault != .panic) {
            // A warning that ends in a panic is a panic, whose cause the warning tells. A busy
            // host's clock is not its cause.
            if fault == nil || blamesMachine {
                recent = latest.suffix(Self.before)
                following = []
            }
            (fault, faultLine) = (found, clean)
        }
        if fault != nil, following.count < Self.after { following.append(clean) }
        latest.append(clean)
        if latest.count > Self.last { latest.removeFirst() }
        if fault != nil { return }
        if firstLines.count < 40 { firstLines.append(clean) }
        recent = latest
    }

    /// The error with the excerpt; for a guest that never greeted, with the cause if it is known.
    func loss(_ why: String, greeted: Bool) -> PlumblineError {
        let shown =
            excerpt.isEmpty ? "" : "\n" + excerpt.map { "    | \($0)" }.joined(separator: "\n")
        if !greeted, let cause = BootDiagnosis.cause(of: firstLines + excerpt) {
            return .failure(
                "\(guest) does not boot: \(cause.message)\(shown)", remedy: cause.remedy)
        }
        let remedy =
            if following.contains(where: { $0.contains("Oops: int3") }) {
                // An emulated CPU ran code that another one patched meanwhile.
                "a static key was switched under load, which QEMU's emulator does not support; "
                    + "the kernel is not at fault; the round is repeated without this cell"
            } else if !greeted, excerpt.isEmpty {
                "the kernel wrote nothing to its console: check that it is for x86-64 and has "
                    + "CONFIG_SERIAL_8250_CONSOLE"
            } else {
                "boot it by hand to see more; the results since its boot do not count"
            }
        return .failure(
            "\(why)\(greeted ? "" : " before its agent started")\(shown)", remedy: remedy)
    }

    /// A line without control characters of firmware and line ends.
    static func clean(_ line: String) -> String {
        var text = ""
        var isEscape = false
        for scalar in line.unicodeScalars {
            if scalar == "\u{1b}" {
                isEscape = true
            } else if isEscape {
                isEscape = !("@"..."~" ~= scalar && scalar != "[")
            } else if scalar.value >= 0x20 || scalar == "\t" {
                text.unicodeScalars.append(scalar)
            }
            if text.utf8.count >= lineLimit { break }
        }
        return text
    }
}
