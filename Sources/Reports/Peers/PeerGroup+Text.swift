// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Statistics
import Verdicts

extension PeerGroup.Peer {
    /// `+11.9% [+9.00, +14.8]; agree: the difference -0.36% [-1.00, +0.30] has 0 in it`.
    var text: String {
        let change =
            effect.map { effect in
                Change.signed(effect)
                    + (interval.map { " \(Change.interval($0))" } ?? " without an interval")
            } ?? "nothing measured"
        guard let standing else { return change }
        guard let difference else {
            return "\(change); \(standing.rawValue): \(reason ?? "there is no interval")"
        }
        let size = Change.signed(difference.percent)
        return "\(change); \(standing.rawValue): the difference \(size) "
            + "\(Change.interval(difference.interval.percent)) has "
            + (standing == .agree ? "0 in it" : "not 0 in it")
    }
}

extension PeerGroup {
    /// How a reader understands the lines.
    static let reading =
        "Peers: the effect on the rate that each one tells, and the difference to the first one's, of "
        + "log effects, with an interval that holds for all peers of a label. An interval with 0 in it "
        + "shows no difference; one may still be as large as it spans."

    /// `Peers, direct reads`; with the pressure where there is one.
    private var title: String {
        let under = pressure == NoPressure.name ? "" : " under \(pressure)"
        return "Peers, \(label)\(under)" + (stoppedEarly ? " (a cell stopped early)" : "")
    }

    /// Adds a line for each peer.
    ///
    /// - Parameter names: what cells are called.
    func add(to page: inout TextPage, names: (String) -> String) {
        page.add(TextParagraph(lead: title))
        for peer in peers {
            page.add(.note("\(names(peer.cell)): \(peer.text)", role: peer.role))
        }
        page.add()
    }
}

extension PeerGroup.Peer {
    fileprivate var role: TextStyle.Role {
        switch standing {
        case .disagree: .bad
        case .undecided: .warning
        case .agree, nil: .plain
        }
    }
}

extension VerdictReport {
    /// Adds what peers tell, each label with its lines.
    func addPeers(to page: inout TextPage) {
        let cells = cells + leftOut
        for group in peers {
            group.add(to: &page) { name in
                cells.first { $0.plan.name == name }?.plan.label ?? name
            }
        }
    }
}
