// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Protocol
import SchemaSupport
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
                #expect(!article.text.contains("<doc:"), "\(article.path): only DocC follows it")
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
    func commands() async throws {
        let help = await Invocation(["--experimental-dump-help"]).document
        let document = try LineCodec.decode(JSONValue.self, from: help.utf8)
        let commands = document.at("command.subcommands")?.items ?? []
        #expect(commands.count > 10)
        for command in commands where command["shouldDisplay"] != .flag(false) {
            let name = try #require(command["commandName"]?.text)
            #expect(readme.contains("`\(name)") || name == "help", "\(name)")
        }
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
        for setting in settings { #expect(suites.contains(setting), "\(setting)") }
    }
}
