// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Machine

@Suite("Lines of a trace") struct TraceLineTests {
    /// As Linux 7.2 writes it, but for the numbers.
    private let text = """
        # tracer: function
        #
        #           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
        #              | |         |   |||||     |         |
         plumbline-agent-75      [001] .....     5.123456: mutex_lock <-anon_pipe_write
         plumbline-agent-75      [001] .....     5.123460: mm_page_alloc: page=0000000031e3c2e7 pfn=0x3e0f order=0 migratetype=0 gfp_flags=GFP_HIGHUSER|__GFP_ACCOUNT
                  <idle>-0       [000] d.h1.     5.200000: iomap_dio_complete: dev 251:0 ino 0xd size 4194304 offset 0 flags DIRECT aio 1 error 0 ret 4096
              my [x] prog-1-99   [000] ..s1.     5.300001: kfree: call_site=iomap_dio_complete+0xbd/0x1c0 ptr=00000000bb2aa9d3
        CPU:1 [LOST 12 EVENTS]

        """

    @Test("events and functions are parsed, whatever the task's name; comments are left out")
    func lines() throws {
        let lines = TraceLine.all(in: text)
        let names = ["mutex_lock", "mm_page_alloc", "iomap_dio_complete", "kfree"]
        #expect(lines.map { String($0.event) } == names)
        #expect(lines.map(\.thread) == [75, 75, 0, 99])
        #expect(lines.map(\.cpu) == [1, 1, 0, 0])
        #expect(lines.map(\.context) == [.task, .task, .hardirq, .softirq])
        #expect(lines[0].text == "<-anon_pipe_write")
        #expect(lines[1]["gfp_flags"] == "GFP_HIGHUSER|__GFP_ACCOUNT")
        #expect(lines[1]["gfp"] == nil && lines[1]["order"] == "0")
        #expect(lines[3]["call_site"]?.hasPrefix("iomap_dio_complete+") == true)
        #expect(lines[2].seconds == 5.2)
    }

    @Test("events number threads as the first PID namespace does, and no other")
    func namespaces() {
        #expect(!TraceInstance.numbersThreads(in: "/proc/self/ns/net"))
        #expect(TraceInstance.numbersThreads(in: "/proc/self/ns/no"))
    }

    @Test("what a buffer dropped or overwrote, or could not hold within an event, is counted")
    func dropped() {
        let stats = """
            entries: 12
            overrun: 3
            commit overrun: 7
            bytes: 960
            dropped events: 4
            read events: 1
            """
        #expect(TraceLine.dropped(inStats: stats) == 3 + 7 + 4)
    }
}
