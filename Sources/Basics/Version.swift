// SPDX-License-Identifier: GPL-3.0-or-later

/// The tool's version, in `--version`, in journals and in the agent's greeting.
public let plumblineVersion = "0.4.0"
