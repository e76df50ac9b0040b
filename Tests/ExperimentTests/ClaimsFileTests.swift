// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Testing

@testable import Suites

/// What a file of published claims says, and what is refused.
@Suite struct ClaimsFileTests {
    private static let setUps = "set_ups:\n  lab: {architecture: x86_64, cpus: 4}\n"

    private func read(_ text: String) throws -> ClaimsFile {
        try ClaimsFile(
            SuiteSource(place: "c.yaml", text: text), known: SuiteSource.builtInCells())
    }

    @Test func aFigureHasItsSetUpAndTheUsualTolerance() throws {
        let file = try read(
            Self.setUps
                + """
                figures:
                - {cells: [pipe/1w1r/*/none, pipe/2*], set_up: lab, change: 5}
                - {cells: pipe/*, set_up: lab, quantity: mean_write_latency, low: -9, high: -2,
                   tolerance: 0.5}
                """)
        let suite = try SuiteParser.parse(SuiteSource.find("pipe-prealloc"))
        let claims = file.claims(on: suite)
        let claim = try #require(claims["pipe/1w1r/64KiB/1MiB/none"]?.first)
        #expect(claim.setUp.cpus == 4 && claim.setUp.platform == nil)
        #expect(
            claim.figures == [
                .init(low: 5, high: 5, tolerance: 2),
                .init(.writeLatency, low: -9, high: -2, tolerance: 0.5),
            ])
    }

    @Test func aSetUpHasPressureAndSettingsAsASuiteWritesThem() throws {
        let file = try read(
            """
            figures: [{cells: pipe/*, set_up: hogs, change: 5}]
            set_ups:
              hogs:
                platform: virtual
                kernels: [6.12, "7.1"]
                pressure: {kind: anon, vm_bytes: 110}
                completion: softirq
                settings: {msgsize: 64k}
            """)
        let setUp = file.setUps[0]
        #expect(setUp.platform == .virtual && setUp.kernels == ["6.12", "7.1"])
        #expect(setUp.pressure == "anon" && setUp.pressureSettings?["vm_bytes"]?.text == "110")
        #expect(setUp.completion == "softirq" && setUp.settings?["msgsize"]?.text == "64k")
    }

    private static let wrong: [(String, String, String)] = [
        (
            "- {cells: pipe/none, set_up: lab, change: 5}", "unknown cell 'pipe/none'",
            "plumbline run SUITE --list"
        ),
        ("- {cells: pipe/*, change: 5}", "c.yaml:4:3: a figure without a set-up", "add set_up:"),
        ("- {set_up: lab, change: 5}", "a figure without cells", "add cells:"),
        (
            "- {cells: pipe/*, set_up: lab, low: 28, high: 6}",
            "low 28 is above high 6 (allowed: low up to high)", "exchange them"
        ),
        ("- {cells: pipe/*, set_up: labb, change: 5}", "unknown set-up 'labb'", "lab"),
        ("- {cells: pipe/*, set_up: lab}", "either change, or low and high", "for a range"),
        ("- {cells: pipe/*, set_up: lab, low: 5}", "either change, or low and high", "for a range"),
        (
            "- {cells: pipe/*, set_up: lab, change: much}",
            "invalid value 'much' for change (allowed: -100 to 10000)", ""
        ),
        (
            "- {cells: pipe/*, set_up: lab, change: 5, tolerance: -1}",
            "invalid value '-1' for tolerance (allowed: 0 to 100)", ""
        ),
        ("- {cells: pipe/*, set_up: lab, chance: 5}", "unknown key 'chance'", "change"),
        (
            "- {cells: pipe/*, set_up: lab, change: 5, quantity: speed}",
            "(allowed: rate, mean_write_latency, request_reclaims)", ""
        ),
    ]

    @Test(arguments: wrong)
    func whatIsWrongIsNamedWithItsPlace(figure: String, message: String, remedy: String) {
        let error = #expect(throws: PlumblineError.self) {
            try read(Self.setUps + "figures:\n\(figure)\n")
        }
        #expect(error?.kind == .usage)
        #expect(error?.message.hasPrefix("c.yaml:4:") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        #expect(remedy.isEmpty || "\(error.map { "\($0)" } ?? "")".contains(remedy))
    }

    @Test func aFileWithoutFiguresAndAWrongSetUpAreRefused() {
        for (text, words) in [
            (Self.setUps, "it has no figures"), ("- a", "the keys set_ups and figures"),
            ("figures: []\nset_ups: {lab: {cpu: 4}}", "unknown key 'cpu' for a set-up"),
            ("figures: []\nset_ups: {lab: {cpus: 0}}", "for cpus (allowed: 1 to 8192)"),
            (
                "figures: []\nset_ups: {lab: {platform: metal}}",
                "(allowed: hardware, virtual, emulated)"
            ),
            ("figures: []\nset_ups: {lab: {pressure: {vm: 2}}}", "pressure has no kind"),
        ] {
            let error = #expect(throws: PlumblineError.self) { try read(text) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }
}
