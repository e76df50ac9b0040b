// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Testing

@testable import Guests

struct ConsoleWatchTests {
    @Test(arguments: [
        ("[    1.203945] BUG: kernel NULL pointer dereference, address: 0000000000000018", "oops"),
        ("[    1.2] BUG: sleeping function called from invalid context at mm/slab.h:321", "oops"),
        ("[    2.1] Oops: Oops: 0000 [#1] PREEMPT SMP PTI", "oops"),
        ("[    2.1] Oops: general protection fault, probably for non-canonical address", "oops"),
        ("[    3.4] general protection fault: 0000 [#1] SMP", "oops"),
        ("[    9.0] kernel BUG at fs/pipe.c:512!", "oops"),
        ("[    9.0] BUG: KASAN: slab-use-after-free in pipe_write+0x5d/0x9c0", "oops"),
        ("[    9.0] traps: PANIC: double fault, error_code: 0x0", "oops"),
        ("[    4.5] WARNING: CPU: 1 PID: 77 at fs/iomap/direct-io.c:120 iomap_dio+0x1", "warning"),
        ("[    4.5] WARNING: possible circular locking dependency detected", "warning"),
        ("[    4.5] INFO: possible recursive locking detected", "warning"),
        ("[    4.5] WARNING: inconsistent lock state", "warning"),
        ("[    4.5] WARNING: bad unlock balance detected!", "warning"),
        ("[    4.5] WARNING: suspicious RCU usage", "warning"),
        ("[    4.5] [ BUG: Invalid wait context ]", "oops"),
        ("[    4.5] BUG: using smp_processor_id() in preemptible [00000000] code", "oops"),
        ("[    4.5] BUG: scheduling while atomic: plumbline-agent/77/0x00000002", "oops"),
        ("[    4.5] BUG: KFENCE: use-after-free read in pipe_write+0x5d/0x9c0", "oops"),
        (
            "[   66.0] kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
            "leak"
        ),
        ("[  122.8] INFO: task plumbline:88 blocked for more than 120 seconds.", "stall"),
        ("[   60.0] watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [pipe:91]", "stall"),
        ("[   21.0] rcu: INFO: rcu_sched detected stalls on CPUs/tasks:", "stall"),
        ("[   21.0] rcu: INFO: rcu_sched self-detected stall on CPU", "stall"),
        ("[    7.7] Out of memory: Killed process 91 (plumbline-agent) total-vm:1", "outOfMemory"),
        ("[    7.7] Kernel panic - not syncing: System is deadlocked on memory", "panic"),
        ("[    0.9] Kernel panic - not syncing: No working init found.", "panic"),
        ("[    0.9] Kernel panic - not syncing: Attempted to kill init! exitcode=0x9", "panic"),
        ("[   30.0] clocksource: Marking clocksource 'tsc' as unstable because", "clock"),
        ("[   30.0] tsc: Marking TSC unstable due to clocksource watchdog", "clock"),
        ("plumbline: the clock source changed from tsc to hpet", "clock"),
        ("it was killed by signal 9", "killed"),
        ("qemu-system-x86_64: terminating on signal 15 from pid 1 (<unknown process>)", "killed"),
    ])
    func faultsAreKnown(line: String, fault: String) {
        #expect(ConsoleFault(in: line)?.rawValue == fault)
    }

    @Test(arguments: [
        "[    0.000000] Linux version 6.12.117 (builder@host) (gcc 12.2.0) #1 SMP",
        "[    0.12] x86/fpu: Supporting XSAVE feature 0x001: 'x87 floating point registers'",
        "[    5.1] Memory cgroup out of memory: Killed process 120 (hog) total-vm:70000kB",
        "[    5.1] Out of memory and no killable processes...",
        "[    5.1] oom_reaper: reaped process 120 (hog), now anon-rss:0kB",
        "[    1.19] traps: init[1] general protection fault ip:eeccc4 sp:7fff error:0 in init",
        "[    0.1] kmemleak: Kernel memory leak detector initialized (mem pool available: 15)",
        "[    0.1] Lock dependency validator: Copyright (c) 2006 Red Hat, Inc., Ingo Molnar",
        "[    0.1] KernelAddressSanitizer initialized (generic)",
        "[    0.3] Speculative Store Bypass: Vulnerable",
        "[    0.4] clocksource: Switched to clocksource tsc",
        "[    0.4] debug: unmapping init memory", "",
    ])
    func ordinaryLinesAreNoFault(line: String) {
        #expect(ConsoleFault(in: line) == nil)
    }

    @Test func theExcerptHasTheLinesAroundTheFirstFaultAndNoMore() throws {
        var watch = ConsoleWatch(guest: "guest A")
        for number in 0..<100 { watch.take("[ 0.\(number)] line \(number)\r") }
        #expect(watch.finding == nil)
        watch.take("[ 1.0] WARNING: CPU: 0 PID: 1 at fs/pipe.c:1 pipe_write+0x1\r")
        for number in 0..<100 { watch.take("[ 2.\(number)] trace \(number)\r") }
        #expect(watch.fault == .warning)
        #expect(
            watch.finding
                == "guest A reported a kernel warning: "
                + "[ 1.0] WARNING: CPU: 0 PID: 1 at fs/pipe.c:1 pipe_write+0x1")
        #expect(watch.excerpt.count == ConsoleWatch.before + ConsoleWatch.after)
        #expect(watch.excerpt.first == "[ 0.97] line 97")
        #expect(watch.excerpt.last == "[ 2.28] trace 28")
        let loss = watch.loss(try #require(watch.finding), greeted: true)
        #expect(loss.message.contains("\n    | [ 2.0] trace 0\n"))
    }

    @Test func aBugThatEndsInAPanicIsAPanic() {
        var watch = ConsoleWatch(guest: "g")
        watch.take("[ 1.0] BUG: unable to handle page fault for address: ffffc90000000000")
        watch.take("[ 1.1] Kernel panic - not syncing: Fatal exception")
        #expect(watch.fault == .panic)
        #expect(watch.finding?.hasSuffix("Kernel panic - not syncing: Fatal exception") == true)
        #expect(watch.excerpt.first?.contains("BUG: unable to handle page fault") == true)
    }

    @Test func aKilledGuestIsNoFaultOfItsKernelUnlessItFailedBefore() {
        var killed = ConsoleWatch(guest: "g")
        killed.takeEnd("it was killed by signal 9")
        #expect(killed.blamesMachine)
        #expect(killed.finding == "g is gone: it was killed by signal 9")
        var crashed = ConsoleWatch(guest: "g")
        crashed.takeEnd("it was killed by signal 11")
        #expect(crashed.finding == nil)
        var panicked = ConsoleWatch(guest: "g")
        panicked.take("[ 1.1] Kernel panic - not syncing: Fatal exception")
        panicked.takeEnd("it was killed by signal 9")
        #expect(!panicked.blamesMachine)
        #expect(panicked.fault == .panic)
    }

    @Test func aClockThatIsLostBeforeAPanicDoesNotHideThePanicsCause() {
        var watch = ConsoleWatch(guest: "arm A's guest")
        watch.take("APIC timer disabled due to verification failure")
        for number in 0..<60 { watch.take("line \(number)") }
        #expect(watch.blamesMachine)
        watch.take("VFS: Cannot open root device")
        watch.take("Kernel panic - not syncing: VFS: Unable to mount root fs")
        #expect(watch.fault == .panic)
        #expect(!watch.blamesMachine)
        #expect(watch.excerpt.first == "line 58")
        #expect(watch.loss("ended", greeted: false).message.contains("does not boot"))
    }

    @Test func controlCharactersOfFirmwareAreLeftOut() {
        #expect(ConsoleWatch.clean("\u{1b}[2J\u{1b}[01;01HSeaBIOS (1.16)\r") == "SeaBIOS (1.16)")
        #expect(ConsoleWatch.clean("\u{1b}c\u{7}a\tb") == "a\tb")
        #expect(ConsoleWatch.clean(String(repeating: "x", count: 900)).count == 200)
    }

    @Test(arguments: [
        (
            "plumbline: there is no virtio port 'plumbline': this kernel needs",
            "CONFIG_VIRTIO_CONSOLE"
        ),
        (
            "[ 0.6] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)",
            "CONFIG_BLK_DEV_INITRD"
        ),
        (
            "[ 0.4] Initramfs unpacking failed: compression method gzip not configured",
            "CONFIG_RD_GZIP"
        ),
        ("[ 0.6] Failed to execute /init (error -8)", "CONFIG_BINFMT_ELF"),
        ("qemu-system-x86_64: Error loading uncompressed kernel without PVH ELF Note", "bzImage"),
        (
            "qemu-system-x86_64: cannot set up guest memory 'microvm.ram': Cannot allocate memory",
            "--memory"
        ),
        ("Could not access KVM kernel module: Permission denied", "--accelerator tcg"),
    ])
    func theErrorOfAGuestThatDoesNotBootNamesWhatItsKernelLacks(line: String, remedy: String) {
        var watch = ConsoleWatch(guest: "guest A")
        watch.take(line)
        let loss = watch.loss("guest A is gone: it ended with exit code 0", greeted: false)
        #expect(loss.remedy.contains(remedy))
        #expect(loss.message.hasPrefix("guest A does not boot: "))
        #expect(loss.message.contains(line))
    }

    @Test func theErrorOfASilentKernelNamesTheConsolesOption() {
        let loss = ConsoleWatch(guest: "guest A").loss("guest A is gone", greeted: false)
        #expect(loss.remedy.contains("CONFIG_SERIAL_8250_CONSOLE"))
    }
}
