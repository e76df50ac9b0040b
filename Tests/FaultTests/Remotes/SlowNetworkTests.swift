// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import TestSupport
import Testing

/// A network that is slow, busy, and loses packets.
@Suite(
    .serialized,
    .disabled(if: RemoteToggle.missingNetwork != nil, "\(RemoteToggle.missingNetwork ?? "")"))
struct SlowNetworkTests {
    @Test func aRunOverASlowNetworkThatLosesPacketsEndsRight() throws {
        let network = try NetworkNamespace()
        let server = try SSHServer(network: network)
        let toggle = try RemoteToggle(server)
        // The agent stays there: its copy would take ten minutes.
        try toggle.start(blocks: 6, ["--keep-agent"])
        try toggle.expectWhole(keeping: "")
        try SystemFile.unlink("\(toggle.run.directory)/j.jsonl")

        let before = Leftovers.now()
        try network.slowDown()
        // Somebody else's copy fills the queue.
        let other = try Command.spawn(
            [
                "ssh", "-F", server.client(), "-p", "\(server.port)", server.host,
                "cat /dev/zero",
            ], output: Descriptor.open("/dev/null", .write))
        defer { _ = try? other.wait() }
        defer { try? other.kill() }
        try toggle.start(blocks: 6, ["--keep-agent"])
        try toggle.expectWhole(keeping: "")
        #expect(try toggle.stored.resumptions.isEmpty, "\(toggle.run.printed)")
        #expect(!toggle.run.printed.contains("no sign of life"), "\(toggle.run.printed)")
        try other.kill()
        try before.expectNone()
    }
}
