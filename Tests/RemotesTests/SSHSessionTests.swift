// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Machine
import TestSupport
import Testing

@testable import Remotes

@Suite(
    "A session of ssh", .serialized,
    .enabled(if: SSHServer.isInstalled, Comment(rawValue: SSHServer.reason)))
struct SSHSessionTests {
    private let server: SSHServer

    init() throws { server = try SSHServer() }

    private func session(_ key: String = "user", _ known: String = "known_hosts") throws
        -> SSHSession
    {
        try SSHSession(
            server.address, configuration: server.client(key: key, known: known))
    }

    private func connected() async throws -> SSHSession {
        let session = try session()
        try await session.connect()
        return session
    }

    private func failure(_ session: SSHSession) async throws -> PlumblineError {
        let error = await #expect(throws: PlumblineError.self) { try await session.connect() }
        await session.close()
        return try #require(error)
    }

    @Test("gives a program its words as they are, whatever is in them")
    func quotesWords() async throws {
        let session = try await connected()
        let words = [
            "plain", "", "two words", " ", "it's", #"a "b" c"#, "new\nline\n", "$(touch /tmp/x)",
            "`id`", "$HOME", "~", "*", "\\", #"\'"#, "-n", "--", "a;b", "a&b", "#", "!", "é ß 字",
            "'", "''", "'\u{301}; touch /tmp/x; '", "=x", "\t", "{a,b}", "%s",
        ]
        let answer = try await session.run(
            ["printf", #"%s\0"#] + words, limit: .seconds(60))
        #expect(answer.code == 0)
        #expect(
            answer.output.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
                == words + [""])
        await session.close()
    }

    @Test("gives a program its input, and returns both its streams and its code")
    func runs() async throws {
        let session = try await connected()
        let answer = try await session.run(
            ["sh", "-c", "cat; echo no >&2; exit 7"], input: Array("yes".utf8),
            limit: .seconds(60))
        #expect(answer == SSHAnswer(output: "yes", errors: "no\n", code: 7))
        let large = [UInt8](repeating: 7, count: 5_000_000)
        let count = try await session.run(["wc", "-c"], input: large, limit: .seconds(120))
        #expect(count.output.trimmed == "5000000")
        // ssh's own code may be a program's, too.
        #expect(try await session.run(["sh", "-c", "exit 255"], limit: .seconds(60)).code == 255)
        await session.close()
    }

    @Test("ends a program that takes too long, and says which")
    func limits() async throws {
        let session = try await connected()
        let error = await #expect(throws: PlumblineError.self) {
            _ = try await session.run(["sleep", "20"], limit: .seconds(1))
        }
        #expect(error?.message.contains("'sleep' gave no answer") == true)
        #expect(try await session.run(["true"], limit: .seconds(60)).succeeded)
        await session.close()
    }

    @Test("quotes ssh's own words where no connection is made, and says what to try")
    func cannotConnect() async throws {
        let unknown = try await failure(session("user", "nobody_known"))
        #expect(unknown.message.contains("Host key verification failed"))
        let stranger = try await failure(session("stranger"))
        #expect(stranger.message.contains("Permission denied"))
        #expect(stranger.remedy.contains("127.0.0.1 true"))
        let open = try session()
        server.stop()
        let refused = try await failure(open)
        #expect(refused.message.contains("Connection refused"))
        #expect(refused.kind == .failure)
    }

    @Test("takes an ssh that Ctrl-C ended for an interruption, and no failure to connect")
    func interrupted() async throws {
        let path = "\(server.directory)/interrupted"
        try Descriptor.open(path, [.write, .create], mode: 0o600).writeAll(
            "Host *\n  ProxyCommand sh -c 'kill -INT $PPID'\n")
        let error = try await failure(SSHSession(server.address, configuration: path))
        #expect(error.kind == .interrupted)
    }

    @Test("leaves no socket and no process when it is closed, and can connect again")
    func closes() async throws {
        let session = try await connected()
        try await session.connect()
        #expect(server.connections.count == 1)
        #expect(!Self.sockets.isEmpty)
        await session.close()
        await session.close()
        #expect(Self.sockets.isEmpty)
        #expect(!session.isConnected)
        try eventually("the connection ends") { server.connections.isEmpty }
        // No program runs over a new connection of its own.
        let (executable, arguments) = session.command(["true"])
        #expect(try !Command.run([executable] + arguments).succeeded)
        try await session.connect()
        #expect(try await session.run(["true"], limit: .seconds(60)).succeeded)
        await session.close()
    }

    @Test("notices a connection that is cut, and connects anew")
    func cut() async throws {
        let session = try await connected()
        server.cut()
        try eventually("the loss is noticed") { !session.isConnected }
        let error = await #expect(throws: PlumblineError.self) {
            _ = try await session.run(["true"], limit: .seconds(60))
        }
        #expect(
            error?.message.contains("the connection to 127.0.0.1:\(server.port) is lost") == true)
        try await session.connect()
        #expect(try await session.run(["true"], limit: .seconds(60)).succeeded)
        await session.close()
    }

    @Test("notices a machine that no longer answers")
    func blackHole() async throws {
        let session = try await connected()
        let frozen = server.connections
        for id in frozen { try ChildProcess(id: id).kill(ChildProcess.stopSignal) }
        try eventually("the loss is noticed") { !session.isConnected }
        for id in frozen { try? ChildProcess(id: id).kill(ChildProcess.continueSignal) }
        await session.close()
    }

    /// The sockets of this process in the state directory.
    private static var sockets: [String] {
        ((try? SystemFile.list(StateDirectory.path)) ?? [])
            .filter { $0.hasPrefix("ssh-\(ChildProcess.currentID)-") }
    }
}
