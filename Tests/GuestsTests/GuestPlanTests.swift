// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol
import Testing

@testable import Guests

struct GuestPlanTests {
    private func plan(_ change: (inout GuestPlan) -> Void = { _ in }) -> GuestPlan {
        var plan = GuestPlan(name: "guest A", image: "/k/bzImage")
        change(&plan)
        return plan
    }

    private func value(_ option: String, _ arguments: [String]) -> String? {
        arguments.firstIndex(of: option).map { arguments[$0 + 1] }
    }

    @Test func theWholeCommandLineOfAnEmulatedGuest() {
        #expect(
            plan().arguments(initramfs: "/i.gz") == [
                "-name", "plumbline,debug-threads=on", "-machine", "microvm,acpi=off",
                "-global", "virtio-mmio.force-legacy=false", "-accel", "tcg,thread=multi",
                "-cpu", "max,la57=off,-erms,-fsrm", "-smp", "2", "-m", "1024M", "-nodefaults",
                "-no-user-config", "-display", "none", "-monitor", "none", "-no-reboot",
                "-kernel", "/k/bzImage", "-initrd", "/i.gz", "-append",
                "console=ttyS0 reboot=t panic=-1 random.trust_cpu=on tsc=reliable no_timer_check "
                    + "brd.rd_nr=5 brd.rd_size=1048576 brd.max_part=0 null_blk.nr_devices=0",
                "-chardev", "file,id=console,path=/dev/stderr,append=on", "-serial",
                "chardev:console",
                "-chardev", "stdio,id=agent,signal=off", "-device", "virtio-serial-device",
                "-device", "virtserialport,chardev=agent,name=plumbline",
            ])
    }

    @Test func instructionsAreCountedOnOneProcessorInAFixedPlace() throws {
        let plan = plan {
            $0.metric = .instructions
            $0.cpus = 1
        }
        try plan.check()
        let arguments = plan.arguments(initramfs: "/i")
        #expect(value("-icount", arguments) == "shift=0,sleep=off")
        #expect(value("-accel", arguments) == "tcg")
        #expect(value("-smp", arguments) == "1")
        #expect(plan.kernelCommandLine.contains("tsc_early_khz=1000000"))
    }

    @Test func bootsThatCountInstructionsDifferInAddressesAndRandomNumbers() {
        let plan = plan {
            $0.metric = .instructions
            $0.cpus = 1
        }
        #expect(value("-seed", plan.arguments(initramfs: "/i")) == nil)
        #expect(!plan.kernelCommandLine.contains("nokaslr"))
        #expect(!plan.kernelCommandLine.contains("norandmaps"))
    }

    @Test func kvmTakesTheHostsProcessorAndItsOwnClock() {
        let plan = plan { $0.accelerator = .kvm }
        #expect(value("-cpu", plan.arguments(initramfs: "/i")) == "host")
        #expect(!plan.kernelCommandLine.contains("tsc=reliable"))
    }

    @Test func nodesShareProcessorsAndMemoryOnAMachineWithACPI() throws {
        let plan = plan {
            $0.cpus = 4
            $0.nodes = 2
        }
        try plan.check()
        let arguments = plan.arguments(initramfs: "/i")
        #expect(value("-machine", arguments) == "q35")
        #expect(arguments.contains("node,nodeid=0,cpus=0-1,memdev=memory0"))
        #expect(arguments.contains("node,nodeid=1,cpus=2-3,memdev=memory1"))
        #expect(value("-smp", arguments) == "4,sockets=2,cores=2,threads=1")
        #expect(arguments.contains("memory-backend-ram,id=memory1,size=512M"))
        #expect(arguments.contains("virtio-serial-pci"))
    }

    @Test func drivesPinsAndCountersReachTheGuardianAndTheGuest() {
        var plan = plan {
            $0.drives = [64 << 20]
            $0.pins = [2, 3]
            $0.emulatorCPUs = CPUSet(list: "0-1")
            $0.kernelArguments = ["slub_debug=-"]
        }
        plan.counters = true
        plan.timestampKilohertz = 2_600_000
        let guest = Guest(plan: plan, agent: "/a", emulator: "/q", initramfs: "/i")
        let words = guest.guardianArguments(controller: 77)
        #expect(
            words.prefix(10) == [
                "--guardian", "77", "--pin", "2,3", "--pin-rest", "0-1", "--scratch",
                "67108864:/var/tmp", "--", "/q",
            ])
        #expect(
            words.contains(
                "if=none,id=drive0,format=raw,cache=unsafe,aio=threads,file=@scratch0@"))
        #expect(
            words.contains(
                "virtio-blk-device,drive=drive0,serial=plumbline0,num-queues=\(plan.cpus)"))
        #expect(plan.kernelCommandLine.contains(" tsc_early_khz=2600000 "))
        #expect(plan.kernelCommandLine.hasSuffix("plumbline.counters slub_debug=-"))
    }

    @Test func aPlanThatCannotBeIsRefusedWithTheOptionThatSetsIt() {
        func remedy(_ change: (inout GuestPlan) -> Void) -> String? {
            do throws(PlumblineError) {
                try plan(change).check()
                return nil
            } catch { return error.kind == .usage ? error.description : nil }
        }
        #expect(remedy { $0.cpus = 0 }?.contains("--cpus") == true)
        #expect(remedy { $0.memory = 1 << 20 }?.contains("--memory") == true)
        #expect(remedy { $0.nodes = 3 }?.contains("--numa") == true)
        #expect(remedy { $0.pins = [1] }?.contains("one CPU of this machine") == true)
        #expect(remedy { $0.metric = .instructions }?.contains("--cpus 1") == true)
    }

    @Test func twoGuestsThatDoNotFitAreRefusedBeforeTheyStart() throws {
        let budget = MemoryBudget(total: 4 << 30, available: 3 << 30)
        let small = plan()
        let large = plan { $0.memory = 2 << 30 }
        try GuestPlan.check([small, small], budget: budget)
        #expect {
            try GuestPlan.check([large, small], budget: budget)
        } throws: { error in
            let error = error as? PlumblineError
            return error?.message.contains("2 guests at a time needs") == true
                && error?.remedy == "lower --memory"
        }
    }

    @Test func aGreetingFromASlowClockOrWithFewerProcessorsIsRefused() {
        func hello(_ clock: String, _ cpus: Int) -> Hello {
            Hello(
                toolVersion: "0", kernelRelease: "6.12", kernelVersion: "#1", machine: "x86_64",
                buildID: nil, cpus: cpus, cpuModel: nil, memory: 1 << 30, pageSize: 4096,
                cgroupVersion: 2, clockSource: clock, timer: "monotonic", timerCost: 1,
                timingCost: 1, capabilities: [])
        }
        #expect(Guest.objection(to: hello("tsc", 2), plan()) == nil)
        #expect(Guest.objection(to: hello("hpet", 2), plan())?.message.contains("hpet") == true)
        #expect(Guest.objection(to: hello("kvm-clock", 2), plan()) != nil)
        #expect(Guest.objection(to: hello("kvm-clock", 2), plan { $0.accelerator = .kvm }) == nil)
        #expect(Guest.objection(to: hello("tsc", 1), plan())?.remedy.contains("SMP") == true)
    }
}
