// SPDX-License-Identifier: GPL-3.0-or-later

import Statistics
import Verdicts

extension PeerGroup {
    /// As the report's schema has it.
    var document: JSONObject {
        JSONObject([
            "label": label, "pressure": pressure, "stopped_early": stoppedEarly,
            "cells": peers.map(\.document),
        ])
    }
}

extension PeerGroup.Peer {
    fileprivate var document: JSONObject {
        let bounds = difference?.interval
        return JSONObject([
            "name": cell, "rate_effect_percent": effect,
            "interval_percent": interval.map { [$0.lower, $0.upper] },
            "confidence": interval?.confidence, "difference_percent": difference?.percent,
            "difference_interval_percent": bounds.map { [$0.percent.lower, $0.percent.upper] },
            "difference_confidence": bounds?.confidence, "standing": standing?.rawValue,
            "reason": reason,
        ])
    }
}
