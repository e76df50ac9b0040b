// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Kernels

extension FuzzTarget {
    private static let words = [
        "+++ b/", "--- a/", "+++ /dev/null", "rename from ", "rename to ../", "@@ -1,1 +1,1 @@\n",
        "diff --git a/x b/x\n", "\n+++ b/x", "\n--- a/../x", "\r+++ b/../x", "\"b/\\056./x\"",
        "copy to ", "new file mode 120000\n", "GIT binary patch\n", "index 0..1\n", "-- \n2.39.5\n",
    ]
    private static let change = """
        diff --git a/fs/x.c b/fs/x.c
        index 0123456789ab..ba9876543210 100644
        --- a/fs/x.c
        +++ b/fs/x.c
        @@ -1,3 +1,3 @@ int x(void)
         {
        -\treturn 1;
        +\treturn 2;
         }

        """
    private static let rename = """
        diff --git a/mm/old.c b/mm/new.c
        similarity index 97%
        rename from mm/old.c
        rename to mm/new.c
        --- a/mm/old.c
        +++ b/mm/new.c
        @@ -7,0 +8 @@
        +int y;
        diff --git a/mm/gone.c b/mm/gone.c
        deleted file mode 100644
        --- a/mm/gone.c
        +++ /dev/null
        @@ -1 +0,0 @@
        -int z;

        """

    /// A user's patch.
    static func patch() -> FuzzTarget {
        let plain = "--- linux/a.c\t2026-01-01\n+++ new/a.c\t2026-01-02\n@@ -1 +1 @@\n-1\n+2\n"
        return patches(named: "patch", [change, rename, plain, change + rename])
    }

    /// Mails with patches, as `git format-patch` and mail programs write them, in one file.
    static func mails() -> FuzzTarget {
        func mail(_ number: Int, headers: String, body: String) -> String {
            """
            From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001
            From: A <a@b.c>
            Date: Mon, 5 Jan 2026 10:00:00 +0100
            Subject: [PATCH \(number)/3] x: y
            \(headers)
            A text.
            >From here on.

            Signed-off-by: A <a@b.c>
            ---
             fs/x.c | 2 +-
             1 file changed, 1 insertion(+), 1 deletion(-)

            \(body)--\u{20}
            2.39.5


            """
        }
        let utf8 = "Content-Type: text/plain; charset=UTF-8\nMIME-Version: 1.0\n"
        let quoted = utf8 + "Content-Transfer-Encoding: quoted-printable\n"
        let parts =
            "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/x-patch\n"
        let mails = [
            mail(1, headers: "", body: change),
            mail(2, headers: quoted, body: change.replacing("=", with: "=3D")),
            mail(3, headers: parts, body: rename + "--b--\n"),
        ]
        let more = [
            "From ", "From x Mon Sep 17 00:00:00 2001\n", ">From ", "Subject: =?utf-8?q?=0A?=\n",
            "Content-Transfer-Encoding: base64\n", "=\n", "=2E=2E/", "\n---\n", "\n--b\n",
            "-- >8 --\n", "In-Reply-To: <x@y>\n", "From: \n",
        ]
        return patches(named: "mbox", mails + [mails.joined()], words: more)
    }

    private static func patches(
        named name: String, _ seeds: [String], words more: [String] = []
    ) -> FuzzTarget {
        FuzzTarget(name: name, seeds: seeds.map(\.bytes), words: words + more) {
            (input) throws(PlumblineError) in
            let patch = try KernelPatch(String(decoding: input, as: UTF8.self), at: "x.patch")
            // What is accepted stays in the source.
            for file in patch.files {
                let parts = file.utf8.split(separator: UInt8(ascii: "/"))
                precondition(!parts.contains { $0.elementsEqual("..".utf8) })
                precondition(file.utf8.first != UInt8(ascii: "/"))
            }
            return true
        }
    }
}
