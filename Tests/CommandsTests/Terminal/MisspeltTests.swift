// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Testing

@testable import Commands

@Suite("Misspelt words get a suggestion") struct MisspeltTests {
    @Test(arguments: [
        ("rum smoke", "unknown command 'rum' (did you mean run?"),
        ("bisct", "did you mean bisect?"), ("reprot x.jsonl", "did you mean report?"),
        ("kernel biuld", "unknown command 'biuld' for kernel (did you mean build?"),
        ("suite lst", "did you mean list?"), ("run smoke --vebrose", "Did you mean '--verbose'?"),
        ("run smkoe", "did you mean smoke?"),
        ("run smoke --format jsno", "did you mean json?"),
        ("compare a b --format=txet", "did you mean text?"),
        ("run smoke --metric tiem", "did you mean time?"),
        ("run smoke --kernel x/y --accelerator kvn", "did you mean kvm?"),
        ("target example grub-rebot", "did you mean grub-reboot?"),
        ("run demo --cells pipe/*/memgc", "did you mean 'pipe/*/memcg'?"),
        ("run smoke --set pip.msgsize=4k", "did you mean pipe?"),
        ("run smoke --set pipe.msgszie=4k", "did you mean msgsize?"),
        ("run smoke --set dio.ioengine=psynk", "did you mean psync?"),
        ("toggle smoke --cells dio/* --knob set:fixedbuf=0,1", "did you mean fixedbufs?"),
        ("toggle demo --kernel 6.12 --switch pipe-prealocl", "did you mean pipe-prealloc?"),
        ("ab demo --a 6.12 --b 6.12+dio-cahce", "did you mean dio-cache?"),
        ("run demo --kernel 6.12+pipe-preallco", "did you mean pipe-prealloc?"),
        ("ab demo --a 6.12 --b 6.12+dio-cahce --list", "did you mean dio-cache?"),
        ("gate demo --baseline 6.12 --candidate 6.12+dio-cahce --list", "did you mean dio-cache?"),
        ("run demo --kernel 6.12+pipe-preallco --list", "did you mean pipe-prealloc?"),
        ("run demo --kernel 6.12+pipe-preallco --dry-run", "did you mean pipe-prealloc?"),
        (
            "toggle demo --kernel 6.12+dio-cahce --switch dio-cache --list",
            "did you mean dio-cache?"
        ),
    ])
    func words(line: String, hint: String) async {
        let arguments = line.split(separator: " ").map(String.init)
        let outcome = await Invocation(
            arguments, environment: ["HOME": "/nonexistent", "PATH": "/usr/bin"])
        #expect(outcome.code == 64, "\(outcome.diagnostics)")
        #expect(outcome.diagnostics.contains(hint), "\(outcome.diagnostics)")
        #expect(outcome.document.isEmpty)
    }

    @Test("a value that an option does not have is refused in one line, with those that it has")
    func values() async {
        let outcome = await Invocation(["report", "x.jsonl", "--format", "jsno"])
        #expect(
            outcome.diagnostics
                == "plumbline: invalid value 'jsno' for --format (did you mean json? "
                + "allowed: text, json, html, gate, junit, ktap, lava, tmt, lkml, csv, gobench)\n")
    }

    @Test("a knob's file that is not there, and the nearest one")
    func knobs() async throws {
        let outcome = await Invocation([
            "toggle", "smoke", "--cells", "pipe/*/none", "--knob", "vm.swapiness=60,10", "--output",
            "/tmp/plumbline-\(UInt64.random(in: 0 ... .max)).jsonl", "--agent", Built.agent,
        ])
        #expect(outcome.code == 64)
        #expect(
            outcome.diagnostics.contains("did you mean /proc/sys/vm/swappiness?"),
            "\(outcome.diagnostics)")
    }

    @Test("words like none that is known get no suggestion")
    func strangers() async {
        for line in [["banana"], ["run", "smoke", "--cells", "xyzzy*"]] {
            let outcome = await Invocation(line)
            #expect(outcome.code == 64)
            #expect(!outcome.diagnostics.lowercased().contains("did you mean"))
        }
        #expect(await Invocation(["help", "run"]).code == 0)
    }
}
