// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import Testing

@testable import Experiment
@testable import Suites

struct KnobTests {
    @Test(arguments: [
        ("vm.swappiness=60,10", "/proc/sys/vm/swappiness", "60", "10"),
        ("file:vm/swappiness=60,10", "/proc/sys/vm/swappiness", "60", "10"),
        ("file:/sys//kernel/./x=a,a", "/sys/kernel/x", "a", "a"),
        ("/sys/x='1,2','3 4'", "/sys/x", "1,2", "3 4"),
        ("sysctl:vm.swappiness=60,10", "/proc/sys/vm/swappiness", "60", "10"),
        ("module:pipe.prealloc=N,Y", "/sys/module/pipe/parameters/prealloc", "N", "Y"),
        ("module:null-blk.bs=1,2", "/sys/module/null_blk/parameters/bs", "1", "2"),
        ("set:fixedbufs=0,1", "fixedbufs", "0", "1"),
        (#"set:pipe.writer_cpus="0,1",0"#, "pipe.writer_cpus", "0,1", "0"),
        (#"cmd:'echo "a", b','echo b'"#, "sh", #"echo "a", b"#, "echo b"),
        ("cmd:x=1,x=2", "sh", "x=1", "x=2"),
    ])
    func everyFormIsRead(text: String, target: String, a: String, b: String) throws {
        let knob = try Knob(parsing: text)
        #expect((knob.target, knob.a, knob.b) == (target, a, b))
        #expect(Knob(knob.record) == knob)
    }

    @Test(arguments: [
        ("vm.swappiness", "no '='"), ("vm.swappiness=60", "1 values"),
        ("set:x=1,2,3", "3 values"), ("set:x=1,", "value is empty"), ("=1,2", "no '='"),
        ("module:pipe=N,Y", "not MODULE.PARAMETER"), ("module:a.b.c=1,2", "not MODULE.PARAMETER"),
        ("module:../x.y=1,2", "not MODULE.PARAMETER"),
        ("cmd:'a,b", "not closed"), ("cmd:a", "1 values"), ("", "no '='"),
    ])
    func aMalformedKnobIsRefused(text: String, why: String) {
        let error = #expect(throws: PlumblineError.self) { try Knob(parsing: text) }
        #expect(error?.kind == .usage)
        #expect(error?.message.contains(why) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        ["vm.swappiness=1,2", "file:/proc/sys/vm/swappiness=1,3"],
        ["set:msgsize=1k,2k", "set:pipe.msgsize=1k,2k"], ["cmd:a,b", "cmd:a,b"],
    ])
    func theSameKnobTwiceIsRefused(texts: [String]) {
        let error = #expect(throws: PlumblineError.self) { try Knob.parse(texts) }
        #expect(error?.message.contains("is given twice") == true)
    }

    @Test func differentKnobsGoTogetherAndNoneDoesNot() throws {
        #expect(try Knob.parse(["set:pipe.rate=1,2", "set:dio.rate=1,2", "cmd:a,b"]).count == 3)
        #expect(throws: PlumblineError.self) { try Knob.parse([]) }
    }

    @Test func labelsAreWhatAUserWouldSay() throws {
        #expect(try Knob(parsing: "vm.swappiness=60,10").label(.b) == "vm.swappiness=10")
        #expect(try Knob(parsing: "/sys/x=1,2").label(.a) == "/sys/x=1")
        #expect(try Knob(parsing: "module:pipe.prealloc=N,Y").label(.b) == "pipe.prealloc=Y")
        #expect(try Knob(parsing: "set:bs=4k,8k").label(.b) == "bs=8k")
        #expect(try Knob(parsing: "cmd:'a','b'").label(.a) == "a")
    }

    private func suite(_ cells: String) throws -> SuiteRecord {
        try SuiteParser.parse(
            SuiteSource(place: "s.yaml", text: "suite: s\ncells:\n\(cells)\n"))
    }

    @Test func aSettingIsNoPartOfACellsNameWhenItIsTheKnob() throws {
        let suite = try suite("- {workload: pipe, handicap: [0, 5], writers: [1, 2]}")
        let settings = KnobSettings([try Knob(parsing: "set:handicap=0,5")])
        let neutral = try settings.neutral(suite)
        #expect(
            neutral.cells.map(\.name).sorted() == [
                "pipe/1w1r/64KiB/default/none", "pipe/2w1r/64KiB/default/none",
            ])
        let a = try settings.setting(neutral.cells[0], .a)
        let b = try settings.setting(neutral.cells[0], .b)
        #expect(a.name == b.name)
        #expect((a.settings["handicap"], b.settings["handicap"]) == (.number(0), .number(5)))
    }

    @Test(arguments: [
        ("- {workload: pipe}", "handicup=0,5", "did you mean handicap?"),
        ("- {workload: pipe}", "handicap=0,x", "for pipe.handicap (allowed: 0 to 900)"),
        ("- {workload: pipe}", "dio.bs=4k,8k", "--cells 'dio/*'"),
        ("- {workload: pipe}", "pope.rate=1,2", "did you mean pipe?"),
        ("- {workload: pipe}\n- {workload: dio}", "writers=1,2", "with --cells"),
        ("- {workload: pipe, rate: 5}", "handicap=0,5", "leave out handicap or rate"),
        ("- {workload: dio}", "allow_destructive=0,1", "--allow-destructive"),
        ("- {workload: dio, ioengine: psync}", "iodepth=1,2", "set iodepth=1"),
    ])
    func aValueThatACellDoesNotTakeIsRefused(
        cells: String, knob: String, remedy: String
    ) throws {
        let settings = KnobSettings([try Knob(parsing: "set:\(knob)")])
        let suite = try suite(cells)
        let error = #expect(throws: PlumblineError.self) { try settings.neutral(suite) }
        #expect(error?.kind == .usage)
        #expect(error?.description.contains(remedy) == true, "\(error.map { "\($0)" } ?? "")")
    }
}
