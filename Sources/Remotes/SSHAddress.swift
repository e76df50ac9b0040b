// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A machine that ssh reaches: `ssh://[user@]host[:port]`, where the host may be a name of the
/// user's ssh configuration.
///
/// Neither the user nor the host can be read by ssh as an option, or by a shell as a command: both
/// have letters, digits and few signs only, and do not begin with `-`.
package struct SSHAddress: Hashable, Sendable {
    /// What an address begins with.
    package static let scheme = "ssh://"

    /// The login name; nil for the one of the ssh configuration.
    package let user: String?
    /// The host's name or address; an IPv6 address without its brackets.
    package let host: String
    /// The port; nil for the one of the ssh configuration.
    package let port: Int?

    /// Parses an address.
    ///
    /// - Throws: `usage` saying what is wrong with it.
    package init(_ text: String) throws(PlumblineError) {
        guard text.hasPrefix(Self.scheme) else {
            throw Self.malformed(text, "it does not begin with \(Self.scheme)")
        }
        var rest = text.dropFirst(Self.scheme.count)
        var user: String?
        if let at = rest.lastIndex(of: "@") {
            user = String(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        self.user = user
        let (host, port) = try Self.split(rest, of: text)
        self.host = host
        self.port = try port.map { port throws(PlumblineError) in
            guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(port),
                (1...65535).contains(number)
            else { throw Self.malformed(text, "invalid port '\(port)' (allowed: 1 to 65535)") }
            return number
        }
        if let user { try Self.check(user, "user", signs: "._-+@", of: text) }
        let isIPv6 = host.contains(":")
        try Self.check(host, "host", signs: isIPv6 ? ".:%_-" : "._-", of: text)
    }

    /// The host and the port in a text such as `host:22` or `[::1]:22`.
    private static func split(
        _ rest: Substring, of text: String
    ) throws(PlumblineError) -> (host: String, port: String?) {
        if rest.hasPrefix("[") {
            guard let close = rest.firstIndex(of: "]") else {
                throw malformed(text, "the bracket is not closed")
            }
            let host = rest[rest.index(after: rest.startIndex)..<close]
            guard host.contains(":") else {
                throw malformed(text, "'\(host)' is not an IPv6 address")
            }
            let tail = rest[rest.index(after: close)...]
            if tail.isEmpty { return (String(host), nil) }
            guard tail.hasPrefix(":") else { throw malformed(text, "'\(tail)' follows the host") }
            return (String(host), String(tail.dropFirst()))
        }
        let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2 else {
            throw malformed(text, "an IPv6 address stands in brackets")
        }
        return (String(parts[0]), parts.count == 2 ? String(parts[1]) : nil)
    }

    private static func check(
        _ part: String, _ what: String, signs: String, of text: String
    ) throws(PlumblineError) {
        guard !part.isEmpty else { throw malformed(text, "the \(what) is empty") }
        guard !part.hasPrefix("-") else { throw malformed(text, "the \(what) begins with '-'") }
        let odd = part.first { character in
            guard let ascii = character.asciiValue else { return true }
            return !character.isLetter && !(0x30...0x39).contains(ascii)
                && !signs.contains(character)
        }
        if let odd {
            throw malformed(text, "the \(what) contains \(String(odd).debugDescription)")
        }
    }

    private static func malformed(_ text: String, _ why: String) -> PlumblineError {
        .usage(
            "invalid address \(text.debugDescription): \(why)",
            remedy: "write ssh://[user@]host[:port], such as ssh://root@testbox; an IPv6 address "
                + "stands in brackets")
    }
}

extension SSHAddress: CustomStringConvertible {
    /// The address without the user: `testbox`, `testbox:2222` or `[::1]:22`.
    package var machine: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port.map { "\(name):\($0)" } ?? name
    }

    /// The address as it is parsed.
    package var description: String {
        Self.scheme + (user.map { "\($0)@" } ?? "") + machine
    }

    /// The words that name the machine on ssh's command line, behind all options.
    package var words: [String] {
        (port.map { ["-p", "\($0)"] } ?? []) + (user.map { ["-l", $0] } ?? []) + ["--", host]
    }
}

extension SSHAddress: Codable {
    /// Reads the text of an address.
    package init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the address as text.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
