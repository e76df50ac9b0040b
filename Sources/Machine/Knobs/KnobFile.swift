// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// A file of the kernel that a toggle writes: a sysctl, a sysfs attribute, a module's parameter.
package struct KnobFile: Sendable, Equatable {
    /// The file's path.
    package let path: String
    /// What it held before the first write, as it can be written back.
    package let original: String

    /// Looks at a file, and changes nothing.
    ///
    /// - Throws: `usage` when there is no such file, or it cannot be read or written.
    package init(_ path: String) throws(PlumblineError) {
        self.path = path
        let text: String
        do {
            let facts = try Descriptor.open(path, [.read, .nonblocking]).facts()
            guard facts.kind == .regular else { throw Errno.invalidArgument }
            text = try SystemFile.read(path)
        } catch .noSuchFileOrDirectory {
            throw .usage(
                "the knob \(path) does not exist",
                remedy: Self.nearest(to: path).map { "did you mean \($0)?" }
                    ?? "check the name; a kernel option or a module may be missing")
        } catch {
            throw .usage(
                "the knob \(path) cannot be read: \(error)",
                remedy: "a knob is a file that holds one value and can be read back")
        }
        do { _ = try Descriptor.open(path, .write) } catch {
            throw .usage(
                "the knob \(path) cannot be written: \(error)",
                remedy: ChildProcess.userID == 0
                    ? "a boot parameter needs a reboot: compare two boots with `plumbline ab`"
                    : "run as root")
        }
        original = Self.value(in: text)
    }

    /// The file whose path has each unknown name replaced by the nearest one there; nil without one.
    private static func nearest(to path: String) -> String? {
        var found = ""
        for name in path.split(separator: "/").map(String.init) {
            let names = (try? SystemFile.list(found + "/")) ?? []
            let isKnown = names.contains(name)
            guard let next = isKnown ? name : Spelling.nearest(to: name, among: names) else {
                return nil
            }
            found += "/" + next
        }
        return found
    }

    /// Writes a value and reads it back.
    ///
    /// - Throws: `failure` when it is refused, or when another value is read back.
    package func write(_ value: String) throws(PlumblineError) {
        VerboseLog.say("write '\(value)' to \(path)")
        do { try SystemFile.write(value, to: path) } catch {
            throw .failure(
                "the knob \(path) does not take '\(value)': \(error)",
                remedy: "its value is '\(current ?? "unreadable")'")
        }
        guard let text = try? SystemFile.read(path) else {
            throw .failure("the knob \(path) cannot be read back")
        }
        guard Self.same(Self.value(in: text), value) else {
            throw .failure(
                "the knob \(path) did not take its value: '\(value)' was written, and "
                    + "'\(Self.value(in: text))' is read back",
                remedy: "the kernel rounds or limits it: give a value that it keeps")
        }
    }

    /// What it holds now where that is another value; nil while it holds this one.
    package func value(otherThan value: String) -> String? {
        let current = current ?? "unreadable"
        return Self.same(current, value) ? nil : current
    }

    private var current: String? { (try? SystemFile.read(path)).map(Self.value) }

    /// The value in a file's text: the word in brackets where there are several to choose from,
    /// as in `[always] madvise never`, else all of it without the blanks around it.
    package static func value(in text: String) -> String {
        let text = text.trimmed
        let words = text.split { $0.isWhitespace }
        let chosen = words.filter { $0.hasPrefix("[") && $0.hasSuffix("]") && $0.count > 2 }
        guard words.count > 1, chosen.count == 1 else { return text }
        return String(chosen[0].dropFirst().dropLast())
    }

    /// Whether what is read is what was written, as the kernel spells it: any blanks between words,
    /// numbers of any base, and Y or N for a module's flag.
    package static func same(_ read: String, _ written: String) -> Bool {
        let read = read.split { $0.isWhitespace }.map(String.init)
        let written = written.split { $0.isWhitespace }.map(String.init)
        return read.count == written.count && zip(read, written).allSatisfy(sameWord)
    }

    private static func sameWord(_ read: String, _ written: String) -> Bool {
        if read == written { return true }
        if let a = number(read), let b = number(written) { return a == b }
        switch read {
        case "Y": return ["y", "1", "on"].contains(written.lowercased())
        case "N": return ["n", "0", "off"].contains(written.lowercased())
        default: return false
        }
    }

    private static func number(_ word: String) -> Int? {
        word.hasPrefix("0x") ? Int(word.dropFirst(2), radix: 16) : Int(word)
    }
}
