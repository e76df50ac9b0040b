// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

func logarithm(_ x: Double) -> Double { log(x) }
