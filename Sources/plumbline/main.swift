// SPDX-License-Identifier: GPL-3.0-or-later

import Commands
import Glibc

// A stream that the caller closed must not become the number of a file that is opened later. A
// write to it fails then.
while case let number = open("/dev/null", O_RDONLY), number >= 0 {
    guard number > 2 else { continue }
    close(number)
    break
}
let console = Console.standard()
if let code = Plumbline.refuseWithoutThreads(on: console) { exit(code) }
exit(await Plumbline.main(Array(CommandLine.arguments.dropFirst()), console: console))
