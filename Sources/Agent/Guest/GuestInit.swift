// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import SystemPackage

/// The first process of a guest: sets the guest up, starts a child that serves the controller,
/// reaps orphaned processes, and ends the guest when the child ends.
public enum GuestInit {
    /// The name of the virtio port of the protocol.
    public static let portName = "plumbline"

    /// Whether this process is a guest's first: the one that the kernel starts as `/init`.
    public static func isInit(_ program: String) -> Bool {
        FirstProcess.isGuestInit && program == FirstProcess.initPath
    }

    /// Runs until the guest ends.
    ///
    /// - Parameter serve: serves a controller on this descriptor and returns an exit code.
    public static func run(_ serve: (CInt, GuestFacts) -> Int32) -> Never {
        GuestMounts.make()
        FaultInjection.prepare()
        // A debug kernel takes long to allocate histograms, and is not for measuring.
        if !FaultInjection.isAvailable, GuestFacts.tracesReclaim { DelayAccounting.start() }
        // The console has shown the boot; from now on warnings and worse.
        try? SystemFile.write("5", to: "/proc/sys/kernel/printk")
        try? FirstProcess.setEnvironment("TMPDIR", GuestData.make())
        try? FirstProcess.setEnvironment("PATH", GuestDirectories.searchPath)
        // Where there are foreign programs: their relative paths go on from there.
        try? FirstProcess.enter(GuestDirectories.programs)
        do throws(PlumblineError) {
            GuestFacts.awaitClock()
            let facts = try GuestFacts()
            let port = try GuestPort.open(named: portName)
            try supervise { serve(port.rawValue, facts) }
            if let change = facts.clockChange() { say(change) }
        } catch {
            say("\(error.message)")
        }
        while true {
            try? FirstProcess.restart()
            // A machine that cannot restart waits.
            try? Clock.sleep(nanoseconds: 1_000_000_000)
        }
    }

    /// A line for the kernel's console, which the controller watches.
    static func say(_ text: String) { StandardError.say("plumbline: \(text)") }

    private static func supervise(_ body: () -> Int32) throws(PlumblineError) {
        let server: ChildProcess
        do { server = try ChildProcess.fork(body) } catch {
            throw .failure("cannot fork: \(error)")
        }
        while let (child, exit) = try? ChildProcess.waitForAny() {
            guard child == server else { continue }
            if exit != .exited(0) { say("the agent ended early: \(exit)") }
            return
        }
    }
}
