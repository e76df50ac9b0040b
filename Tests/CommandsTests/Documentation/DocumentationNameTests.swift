// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Suites
import Testing

@testable import Commands

/// What the README and the articles name is there, and what is there is named.
@Suite("The documentation names what there is") struct DocumentationNameTests {
    private let articles: [Article]
    private let readme: String

    init() throws {
        articles = try Article.all()
        readme = try Article("README").text
    }

    @Test("links go to files that exist, by paths that a forge and `make docs` follow")
    func links() {
        for article in articles {
            let folder = article.path.split(separator: "/").dropLast().joined(separator: "/")
            for link in article.text.matches(of: /\]\(([^)#\s]+)[^)]*\)/).map({ $0.1 })
            where !link.hasPrefix("https://") {
                let path = "\(Article.root)/\(folder)/\(link)"
                #expect(SystemFile.exists(path), "\(article.path) links to \(link)")
                #expect(!link.hasPrefix("doc:"), "\(article.path): only DocC follows \(link)")
            }
            if article.name != Article.landingPage {
                let isForDocCOnly = article.text.contains("<doc:")
                #expect(!isForDocCOnly, "\(article.path): a forge does not follow <doc:…>")
            }
        }
    }

    @Test("the landing page and the README list every article")
    func lists() throws {
        let landing = try Article(Article.landingPage).text
        for article in articles where !["README", Article.landingPage].contains(article.name) {
            #expect(landing.contains("\n- <doc:\(article.name)>\n"), "\(article.name)")
            #expect(readme.contains("(\(article.path))"), "\(article.name)")
            #expect(article.text.hasPrefix("# "), "\(article.path)")
        }
    }

    @Test("the README lists every command, and every built-in suite")
    func commands() throws {
        let commands = try DumpedHelp(of: "plumbline").commands
        #expect(commands.count > 10)
        for command in commands { #expect(readme.contains("`\(command)"), "\(command)") }
        for suite in SuiteSource.builtInNames {
            #expect(readme.contains("`\(suite)`"), "\(suite)")
            #expect(try Article("Suites").text.contains("\n| `\(suite)` | "), "\(suite)")
        }
    }

    @Test("the article on suites names every setting")
    func settings() throws {
        let suites = try Article("Suites").spans().flatMap { $0.text.split(separator: " ") }
        let settings = SettingsList().text.matches(of: /(?m)^  ([a-z_]+)(=.*)?$/).map { $0.1 }
        #expect(settings.count > 50)
        let missing = settings.filter { !suites.contains($0) }
        #expect(missing.isEmpty)
    }
}
