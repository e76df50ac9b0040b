// SPDX-License-Identifier: GPL-3.0-or-later

import Commands
import Glibc

exit(await Plumbline.main(Array(CommandLine.arguments.dropFirst()), console: .standard()))
