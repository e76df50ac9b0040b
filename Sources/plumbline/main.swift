// SPDX-License-Identifier: GPL-3.0-or-later

import Commands
import Glibc

let console = Console.standard()
if let code = Plumbline.refuseWithoutThreads(on: console) { exit(code) }
exit(await Plumbline.main(Array(CommandLine.arguments.dropFirst()), console: console))
