// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Foundation
import Testing

@testable import Remotes

@Suite("An address of ssh")
struct SSHAddressTests {
    @Test(
        "is read whole and written as it was",
        arguments: [
            ("ssh://testbox", nil, "testbox", nil), ("ssh://root@testbox", "root", "testbox", nil),
            ("ssh://testbox:2222", nil, "testbox", 2222),
            ("ssh://u.s-e_r@10.0.0.1:22", "u.s-e_r", "10.0.0.1", 22),
            ("ssh://[::1]", nil, "::1", nil),
            ("ssh://root@[fe80::1%eth0]:2222", "root", "fe80::1%eth0", 2222),
            ("ssh://me@realm@box", "me@realm", "box", nil),
        ] as [(String, String?, String, Int?)])
    func reads(text: String, user: String?, host: String, port: Int?) throws {
        let address = try SSHAddress(text)
        #expect(address.user == user)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.description == text)
        let coded = try JSONEncoder().encode([address])
        #expect(try JSONDecoder().decode([SSHAddress].self, from: coded) == [address])
    }

    @Test(
        "is refused with the form that is allowed",
        arguments: [
            "", "testbox", "ssh:", "ssh://", "ssh://@box", "ssh://user@", "ssh://:22",
            "ssh://-oProxyCommand=true", "ssh://-l@box", "ssh://user@-box", "ssh://box:",
            "ssh://box:0", "ssh://box:65536", "ssh://box:22x", "ssh://box:-1", "ssh://box:+22",
            "ssh://box:2 2", "ssh://box/path", "ssh://box/", "ssh://box name", "ssh://bo\u{0}x",
            "ssh://box\n", "ssh://bo\r\nx", "ssh://box;true", "ssh://$(true)", "ssh://`true`@box",
            "ssh://us er@box", "ssh://a'b@box", "ssh://::1", "ssh://[::1", "ssh://[::1]22",
            "ssh://[box]", "ssh://[]", "ssh://[-::1]", "ssh://bücher", "ssh://box%n",
            "ssh://%h@box",
            "ssh://box:٢٢", "https://box", "SSH://box", "ssh://~/box", "ssh://../box",
        ])
    func refuses(text: String) {
        let error = #expect(throws: PlumblineError.self) { _ = try SSHAddress(text) }
        #expect(error?.kind == .usage)
        #expect(error?.remedy.contains("ssh://[user@]host[:port]") == true)
        #expect(error?.message.contains { $0.isNewline || $0 == "\0" } == false)
    }

    @Test("names the machine without its user, and puts the host behind all options")
    func words() throws {
        let address = try SSHAddress("ssh://root@[::1]:2222")
        #expect(address.machine == "[::1]:2222")
        #expect(address.words == ["-p", "2222", "-l", "root", "--", "::1"])
    }
}
