// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics

/// Watches a guest's kernel console, and what QEMU itself complains of.
///
/// It keeps the lines around the first fault, or else the last ones, for whoever is told of it.
public struct ConsoleWatch: MachineWatch {
    /// How many lines at the end of a console without a fault are kept.
    public static let last = 12
    /// How many lines before a fault are kept.
    public static let before = 3
    /// How many lines from a fault on are kept.
    public static let after = 30
    private static let lineLimit = 200

    private let guest: String
    private var recent: [String] = []
    private var following: [String] = []
    private var firstLines: [String] = []
    private var faultLine = ""
    /// The first fault.
    public private(set) var fault: ConsoleFault?

    /// A watch over a guest that errors call by this name.
    public init(guest: String) { self.guest = guest }

    /// Whether it is the clock, from which the host may have kept the guest.
    public var blamesMachine: Bool { fault == .clock }

    /// The guest, what happened to it, and the line that says so.
    public var finding: String? {
        fault.map { "\(guest) \($0.words): \(faultLine)" }
    }

    /// The lines to show.
    public var excerpt: [String] { recent + following }

    /// Takes in a line of the console.
    public mutating func take(_ line: String) {
        let clean = Self.clean(line)
        if clean.isEmpty { return }
        if let known = fault {
            // A warning that ends in a panic is a panic.
            if ConsoleFault.inLine(clean) == .panic, known != .panic {
                (fault, faultLine) = (.panic, clean)
            }
            if following.count < Self.after { following.append(clean) }
            return
        }
        if let found = ConsoleFault.inLine(clean) {
            (fault, faultLine) = (found, clean)
            following = [clean]
            recent = recent.suffix(Self.before)
            return
        }
        if firstLines.count < 40 { firstLines.append(clean) }
        recent.append(clean)
        if recent.count > Self.last { recent.removeFirst() }
    }

    /// The loss, with the excerpt; for a guest that never greeted also what its kernel lacks.
    public func loss(_ why: String, greeted: Bool) -> PlumblineError {
        if !greeted, let cause = BootDiagnosis.cause(of: excerpt, first: firstLines) {
            return .failure(
                "\(guest) does not boot: \(cause.message)\(shown)", remedy: cause.remedy)
        }
        let stage = greeted ? "" : " before it said hello"
        let silent =
            !greeted && excerpt.isEmpty
            ? "the kernel wrote nothing to its console: is it for x86-64, with "
                + "CONFIG_SERIAL_8250_CONSOLE?"
            : "boot it by hand to see more; what it measured since it booted does not count"
        return .failure("\(why)\(stage)\(shown)", remedy: emulatorsFault ?? silent)
    }

    /// A breakpoint where there is none any more: an emulated processor ran code that another one
    /// had patched meanwhile, as it is when a static key flips under load.
    private var emulatorsFault: String? {
        following.contains { $0.contains("Oops: int3") }
            ? "this is QEMU's emulator and not the kernel: a static key was flipped under load; "
                + "the round is made good for, but not its cell" : nil
    }

    private var shown: String {
        excerpt.isEmpty ? "" : "\n" + excerpt.map { "    | \($0)" }.joined(separator: "\n")
    }

    /// Without the control characters of firmware and of the console's line ends.
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
