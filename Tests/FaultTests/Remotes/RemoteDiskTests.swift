// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import TestSupport
import Testing

/// The machine has no room.
@Suite(
    .serialized,
    .disabled(if: RemoteToggle.missing != nil, "\(RemoteToggle.missing ?? "")"))
struct RemoteDiskTests {
    @Test func aMachineWithoutRoomForTheAgentIsRefusedWithEachDirectoryThatWasTried() throws {
        let toggle = try RemoteToggle(
            SSHServer(
                mounting: """
                    for place in run /tmp /root; do
                      mount -t tmpfs -o size=64k none "$place"
                    done
                    """))
        let before = Leftovers.now()
        try toggle.start()
        #expect(try toggle.run.wait() == 1)
        let (server, printed) = (toggle.server, toggle.run.printed)
        #expect(
            printed.contains(
                "\(server.host):\(server.port): none of \(server.directory)/run /tmp /root has room"
            ),
            "\(printed)")
        #expect(toggle.run.journal.isEmpty)
        try toggle.expectClean()
        try before.expectNone()
    }

    @Test func aMachineThatCannotRecordAChangeMakesNone() throws {
        let toggle = try RemoteToggle(
            SSHServer(
                mounting: """
                    mkdir -p /run/plumbline
                    mount -t tmpfs -o size=4k,mode=700 none /run/plumbline
                    head -c 4096 /dev/zero >/run/plumbline/full
                    """))
        let before = Leftovers.now()
        try toggle.start()
        #expect(try toggle.run.wait() == 1)
        let (server, printed) = (toggle.server, toggle.run.printed)
        #expect(
            printed.contains(
                "\(server.host):\(server.port): cannot write the undo log /run/plumbline/undo-"),
            "\(printed)")
        try toggle.expectClean()
        try before.expectNone()
    }
}
