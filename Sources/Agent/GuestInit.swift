// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// The first process of a guest: makes the guest a place to measure in, has a child of its own
/// serve the controller, buries what is orphaned, and ends the guest when the child is gone.
public enum GuestInit {
    /// The name of the virtio port that the protocol is spoken on.
    public static let portName = "plumbline"
    /// Whether this process is a guest's first: the one that the kernel starts as `/init`.
    public static func isWanted(_ program: String) -> Bool {
        FirstProcess.isGuestInit && program == FirstProcess.initPath
    }

    /// Does all that, and never comes back: the guest ends.
    ///
    /// - Parameter serve: serves a controller on this descriptor, and says how that ended.
    public static func run(_ serve: (CInt, GuestFacts) -> Int32) -> Never {
        GuestMounts.make()
        FaultInjection.prepare()
        // A debug kernel is slow to make room for it, and nobody measures on one. Some kernels have
        // no histograms: then nobody knows who stalled.
        if !FaultInjection.isThere { try? ReclaimTrace.start() }
        // The console has told how the boot went; from now on warnings and worse.
        try? SystemFile.write("5", to: "/proc/sys/kernel/printk")
        try? FirstProcess.setEnvironment("TMPDIR", GuestData.make())
        try? FirstProcess.setEnvironment("PATH", "/bin:/sbin:/usr/bin:/usr/sbin")
        do throws(PlumblineError) {
            GuestFacts.awaitClock()
            let facts = try GuestFacts()
            let port = try GuestPort.open(named: portName)
            try supervise { serve(port.rawValue, facts) }
            facts.clockComplaints().forEach(say)
        } catch {
            say("\(error.message)")
        }
        while true {
            try? FirstProcess.restart()
            // A machine that cannot restart has nothing else to do.
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
            if exit != .exited(0) { say("the agent ended: \(exit)") }
            return
        }
    }
}
