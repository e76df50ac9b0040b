// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Testing

@testable import Kernels

@Suite("Configuration of guests") struct ConfigTests {
    @Test(
        "a guest has the distribution's options, or a deviation with a reason",
        arguments: KernelVariant.versions, [false, true])
    func faithful(version: String, isFull: Bool) throws {
        let distribution = ConfigPlan.distribution(version)
        let plan = try ConfigPlan(version: version, isFull: isFull)
        let guest = ConfigOptions(lenient: plan.text)
        #expect(distribution.names.count > 300)
        for option in distribution.names {
            let theirs = try #require(distribution[option])
            if ConfigOptions.satisfies(guest[option], asked: theirs) { continue }
            let reason = plan.deviations.first { $0.option == option }?.reason ?? ""
            #expect(!reason.isEmpty, "CONFIG_\(option)=\(theirs) without a reason")
        }
    }

    @Test("what makes a kernel slow or fast is in the list", arguments: KernelVariant.versions)
    func covered(version: String) {
        let names = Set(ConfigPlan.distribution(version).names)
        let must = [
            "SLUB_TINY", "SLAB_FREELIST_HARDENED", "MEMCG", "HZ", "NO_HZ_FULL", "PREEMPT_DYNAMIC",
            "CPU_MITIGATIONS", "MITIGATION_RETPOLINE", "INIT_ON_ALLOC_DEFAULT_ON",
            "HARDENED_USERCOPY", "STACKPROTECTOR_STRONG", "RANDOMIZE_KSTACK_OFFSET_DEFAULT",
            "FUNCTION_TRACER", "SECURITY_APPARMOR", "LRU_GEN_ENABLED", "PSI",
        ]
        #expect(must.filter { !names.contains($0) } == [])
    }

    @Test(
        "what is in the path of a read, a write or reclaim is there without +full too",
        arguments: KernelVariant.versions)
    func measuredPaths(version: String) throws {
        let plan = try ConfigPlan(version: version)
        let lean = ConfigOptions(lenient: plan.text)
        let must = [
            "SLAB_FREELIST_HARDENED", "SHUFFLE_PAGE_ALLOCATOR", "KFENCE",
            "INIT_ON_ALLOC_DEFAULT_ON", "MEMCG", "BLK_CGROUP", "CGROUP_WRITEBACK", "ZSWAP",
            "COMPACTION", "TRANSPARENT_HUGEPAGE", "LRU_GEN_ENABLED", "NUMA", "NUMA_BALANCING",
            "MEMORY_HOTPLUG", "SECRETMEM", "USERFAULTFD", "MEM_SOFT_DIRTY", "PREEMPT_DYNAMIC",
            "HZ", "NO_HZ_FULL", "CPU_IDLE_GOV_HALTPOLL", "CPU_FREQ", "TASK_DELAY_ACCT", "PSI",
            "MAXSMP", "PARAVIRT_SPINLOCKS", "MITIGATION_RETPOLINE", "MITIGATION_RETHUNK",
            "X86_KERNEL_IBT", "RANDOMIZE_KSTACK_OFFSET_DEFAULT", "HARDENED_USERCOPY",
            "FORTIFY_SOURCE", "SECURITY_APPARMOR", "AUDITSYSCALL", "FANOTIFY_ACCESS_PERMISSIONS",
            "FUNCTION_TRACER", "BLK_WBT", "BLK_DEV_INTEGRITY", "BLK_CGROUP_IOCOST", "FS_DAX",
            "QUOTA", "EXT4_FS_SECURITY", "MEMORY_FAILURE", "FS_VERITY",
        ]
        let distribution = ConfigPlan.distribution(version)
        for option in must {
            let theirs = try #require(distribution[option], "\(option)")
            #expect(ConfigOptions.satisfies(lean[option], asked: theirs), "\(option)")
        }
    }

    @Test("+full has ACPI, PCI and XFS, and otherwise fewer deviations")
    func full() throws {
        let lean = try ConfigPlan(version: "6.12")
        let full = try ConfigPlan(version: "6.12", isFull: true)
        for option in ["ACPI", "ACPI_NUMA", "PCI", "VIRTIO_PCI", "XFS_FS"] {
            #expect(full.required[option] == "y", "\(option)")
        }
        #expect(ConfigOptions(lenient: lean.text)["XFS_FS"] == "n")
        #expect(Set(lean.deviations).isStrictSuperset(of: full.deviations))
        #expect(lean.hash != full.hash)
    }

    @Test("each deviation of ours differs from a distribution, and has a reason")
    func deviations() {
        let all = KernelVariant.versions.map(ConfigPlan.distribution)
        for (option, value, reason) in ConfigPlan.ourDeviations + ConfigPlan.leanDeviations {
            let theirs = all.compactMap { $0[option] }
            #expect(!theirs.isEmpty, "\(option) is in no list")
            #expect(theirs.contains { !ConfigOptions.satisfies(value, asked: $0) }, "\(option)")
            #expect(reason.count > 10, "\(option)")
        }
    }

    @Test("what a guest needs does not contradict the distribution")
    func needs() {
        for version in KernelVariant.versions {
            let distribution = ConfigPlan.distribution(version)
            for needs in [ConfigPlan.guest, ConfigPlan.full] {
                for option in needs.names {
                    let theirs = distribution[option] ?? "y"
                    #expect(ConfigOptions.satisfies(needs[option], asked: theirs), "\(option)")
                }
            }
        }
    }

    /// The distribution's own configuration, where its package is installed.
    private static let installed: [(version: String, path: String)] = {
        let names = (try? SystemFile.list("/boot")) ?? []
        return KernelVariant.versions.compactMap { version in
            let name = names.last {
                $0.hasPrefix("config-\(version).") && $0.hasSuffix("-amd64")
                    && !$0.contains("cloud") && !$0.contains("rt")
            }
            return name.map { (version, "/boot/\($0)") }
        }
    }()

    @Test(
        "the list says what the distribution's own file says",
        .enabled(if: !installed.isEmpty, "no linux-image of 6.12 or 7.2 is installed"))
    func list() throws {
        for (version, path) in Self.installed {
            let file = ConfigOptions(lenient: try SystemFile.read(path))
            let list = ConfigPlan.distribution(version)
            for option in list.names where file[option] != nil {
                #expect(file[option] == list[option], "\(option) in \(path)")
            }
        }
    }

    @Test("a fragment overrides ours, and is reported as a deviation")
    func fragment() throws {
        let scratch = try Scratch()
        let path = try scratch.file("f", "CONFIG_DEBUG_ATOMIC_SLEEP=y\n# CONFIG_PSI is not set\n")
        let plan = try ConfigPlan(version: "6.12", fragments: [path])
        #expect(plan.required["DEBUG_ATOMIC_SLEEP"] == "y")
        #expect(plan.required["PSI"] == "n")
        #expect(plan.faithful["DEBUG_ATOMIC_SLEEP"] == nil)
        let reported = plan.deviations.filter { $0.reason.contains("fragment") }.map(\.option)
        #expect(reported == ["DEBUG_ATOMIC_SLEEP", "PSI"])
        #expect(plan.hash != (try ConfigPlan(version: "6.12")).hash)
    }

    @Test(
        "the debug flavour must have all that it names, and differs on purpose",
        arguments: KernelVariant.versions)
    func debug(version: String) throws {
        let plain = try ConfigPlan(version: version)
        let plan = try ConfigPlan(version: version, isDebug: true)
        let must = [
            "DEBUG_ATOMIC_SLEEP", "PROVE_LOCKING", "KASAN", "DEBUG_KMEMLEAK", "FAILSLAB",
            "FAIL_PAGE_ALLOC", "FAULT_INJECTION_DEBUG_FS", "DEBUG_LIST", "DEBUG_PREEMPT",
        ]
        for option in must { #expect(plan.required[option] == "y", "\(option)") }
        #expect(must.allSatisfy { plain.required[$0] == nil })
        let reported = plan.deviations.filter { $0.reason == "the debug flavour" }.map(\.option)
        #expect(reported.contains("KASAN") && reported.contains("PROVE_LOCKING"))
        #expect(!plan.deviations.contains { $0.reason.contains("fragment") })
        // Not one that it knows may get lost.
        let known = Set(plan.required.names)
        let lost = ConfigCheck(plan, result: ConfigOptions(), known: known).lost.map(\.option)
        #expect(lost.contains("KASAN_GENERIC") && lost.contains("FAULT_INJECTION"))
        let distribution = ConfigPlan.distribution(version)
        for option in distribution.names {
            let theirs = try #require(distribution[option])
            if ConfigOptions.satisfies(
                plan.required[option] ?? plan.faithful[option], asked: theirs)
            {
                continue
            }
            #expect(plan.deviations.contains { $0.option == option }, "\(option)")
        }
    }

    @Test(
        "a slab allocator that counts differs by that option only",
        arguments: KernelVariant.versions)
    func slubStats(version: String) throws {
        let plain = try ConfigPlan(version: version)
        let plan = try ConfigPlan(version: version, hasSlubStats: true)
        #expect(plan.required["SLUB_STATS"] == "y" && plain.faithful["SLUB_STATS"] == "n")
        #expect(plan.hash != plain.hash)
        let added = plan.deviations.filter { !plain.deviations.contains($0) }
        #expect(added.map(\.option) == ["SLUB_STATS"])
        #expect(added.map(\.reason) == ["the slubstats flavour"])
        let both = try ConfigPlan(version: version, hasSlubStats: true, isDebug: true)
        #expect(both.required["SLUB_STATS"] == "y" && both.required["KASAN"] == "y")
    }

    @Test("a fragment of the user's wins over the debug flavour")
    func debugAndFragment() throws {
        let scratch = try Scratch()
        let path = try scratch.file("f", "# CONFIG_KASAN is not set\n")
        let plan = try ConfigPlan(version: "6.12", isDebug: true, fragments: [path])
        #expect(plan.required["KASAN"] == "n")
        #expect(plan.required["PROVE_LOCKING"] == "y")
    }

    @Test("an invalid line is refused with its number")
    func badFragment() throws {
        let scratch = try Scratch()
        let path = try scratch.file("f", "# fine\nCONFIG_A=y\nDEBUG=yes\n")
        let error = failure { () throws(PlumblineError) in
            try ConfigPlan(version: "6.12", fragments: [path])
        }
        #expect(error?.kind == .usage)
        #expect(error?.message.contains(":3: invalid option 'DEBUG=yes'") == true)
    }

    @Test("a configuration that is none, or is not there, is refused")
    func badConfig() throws {
        let scratch = try Scratch()
        let path = try scratch.file("c", "CONFIG_A=y\n")
        for config in [path, "/no/such/file", scratch.path] {
            let error = failure { () throws(PlumblineError) in
                try ConfigPlan(version: "6.12", config: config)
            }
            #expect(error?.kind == .usage)
        }
    }

    @Test("the user's configuration keeps its options and gets what a guest needs")
    func ownConfig() throws {
        let scratch = try Scratch()
        let lines = (0..<200).map { "CONFIG_OPTION\($0)=y\n" }.joined()
        let plan = try ConfigPlan(version: "6.12", config: try scratch.file("c", lines))
        #expect(plan.base == lines)
        #expect(plan.faithful.names.isEmpty)
        #expect(plan.required["VIRTIO_CONSOLE"] == "y")
    }

    @Test("where the user's own configuration differs is reported, and is no error")
    func ownConfigDeviates() throws {
        let scratch = try Scratch()
        let lines = (0..<200).map { "CONFIG_OPTION\($0)=y\n" }.joined() + "CONFIG_HZ=1000\n"
        let config = try scratch.file("c", lines)
        let fragment = try scratch.file("f", "# CONFIG_PSI is not set\n")
        let plan = try ConfigPlan(version: "6.12", config: config, fragments: [fragment])
        let distribution = ConfigPlan.distribution("6.12")
        var result = distribution
        result["HZ"] = "1000"
        result["PSI"] = "n"
        let known = Set(distribution.names).subtracting(["SECURITY_APPARMOR"])
        result["SECURITY_APPARMOR"] = nil
        let check = ConfigCheck(plan, result: result, known: known)
        #expect(check.unfaithful.isEmpty)
        #expect(check.unknown == ["SECURITY_APPARMOR"])
        let reported = check.deviations.sorted { $0.option < $1.option }
        #expect(reported.map(\.option) == ["HZ", "PSI"])
        #expect(reported.map(\.guest) == ["1000", "n"])
        #expect(reported.map(\.distribution) == [distribution["HZ"], "y"])
        #expect(reported.map(\.reason) == ["in \(config)", "asked for by a fragment"])
    }

    @Test("an option that is lost is an error; one that only other versions have is not")
    func check() throws {
        let scratch = try Scratch()
        let path = try scratch.file("f", "CONFIG_LOST=y\nCONFIG_NOWHERE=y\nCONFIG_OFF=n\n")
        let plan = try ConfigPlan(version: "6.12", fragments: [path])
        let known: Set = ["LOST", "SLUB", "OFF"]
        let check = ConfigCheck(plan, result: ConfigOptions(), known: known)
        #expect(check.lost.map(\.option) == ["LOST", "NOWHERE"])
        #expect(check.unfaithful.map(\.option) == ["SLUB"])
        #expect(check.unknown.contains("PREEMPT_DYNAMIC"))
        let error = failure { () throws(PlumblineError) in try check.refuseLosses() }
        #expect(error?.message.contains("CONFIG_LOST=y came out as n") == true)
        #expect(error?.message.contains("CONFIG_NOWHERE does not exist") == true)
    }
}
