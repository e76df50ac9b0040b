// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import LabSupport
import Linux
import TestSupport
import Testing

@testable import Remotes

@Suite(
    "The agent of a machine over ssh", .serialized,
    .enabled(if: SSHServer.isInstalled, Comment(rawValue: SSHServer.reason)))
struct RemoteAgentTests {
    private func agent(
        _ server: SSHServer, keeps: Bool = false
    ) throws -> RemoteAgent {
        var options = RemoteAgent.Options()
        options.keepsAgent = keeps
        return RemoteAgent(
            try SSHSession(server.address, configuration: server.client()), agent: Built.agent,
            options: options, isInterrupted: { false })
    }

    private func greets(_ agent: RemoteAgent) async throws -> Bool {
        try await AgentDriver.greeting(of: agent.configuration, isInterrupted: { false }).cpus > 0
    }

    @Test("is copied, greets, and leaves nothing there")
    func copiesAndRemoves() async throws {
        let server = try SSHServer()
        let agent = try agent(server)
        try await agent.prepare()
        #expect(server.leavings.count == 1)
        #expect(server.agents.count == 1)
        #expect(try await greets(agent))
        #expect(await agent.loss() == nil)
        await agent.close()
        #expect(server.leavings.isEmpty)
        #expect(server.agents.isEmpty)
        #expect((try? SystemFile.list("\(server.directory)/cache")) == [])
    }

    @Test("stays in the cache where that is wanted, and a damaged copy is replaced")
    func keeps() async throws {
        let server = try SSHServer()
        let cache = "\(server.directory)/cache/plumbline"
        func kept() async throws -> (name: String, inode: String) {
            let agent = try agent(server, keeps: true)
            try await agent.prepare()
            #expect(try await greets(agent))
            await agent.close()
            #expect(server.leavings.isEmpty)
            let names = try SystemFile.list(cache)
            #expect(names.count == 1)
            let name = names.first ?? ""
            #expect(name.hasPrefix("plumbline-agent-"))
            return (name, try Command.run(["stat", "-c", "%i %s", "\(cache)/\(name)"]).output)
        }
        let first = try await kept()
        let again = try await kept()
        #expect(first == again)
        _ = try Command.run(["truncate", "-s", "1000", "\(cache)/\(first.name)"])
        _ = try Command.run(["touch", "\(cache)/plumbline-agent-old"])
        let mended = try await kept()
        #expect(mended.name == first.name)
        #expect(mended.inode.words.last == first.inode.words.last)
    }

    @Test("is refused by a machine of another architecture")
    func refusesArchitecture() async throws {
        let server = try SSHServer(
            command: """
                case $SSH_ORIGINAL_COMMAND in
                uname*) echo Linux aarch64;;
                *) exec sh -c "$SSH_ORIGINAL_COMMAND";;
                esac
                """)
        let agent = try agent(server)
        let error = await #expect(throws: PlumblineError.self) { try await agent.prepare() }
        await agent.close()
        #expect(error?.message.contains("'Linux aarch64'") == true)
        #expect(error?.message.contains("Linux x86_64") == true)
        #expect(server.leavings.isEmpty)
    }

    @Test("bears a shell that prints when it starts")
    func bearsNoise() async throws {
        let server = try SSHServer(
            command: "echo Welcome; echo more >&2; exec sh -c \"$SSH_ORIGINAL_COMMAND\"")
        let agent = try agent(server)
        try await agent.prepare()
        #expect(server.leavings.count == 1)
        await agent.close()
        #expect(server.leavings.isEmpty)
    }

    @Test(
        "goes elsewhere where no program may run, or where there is no room",
        .enabled(if: ChildProcess.userID == 0, "mounting needs root"),
        arguments: ["noexec,size=1g", "size=64k"])
    func triesTheNextDirectory(options: String) async throws {
        let server = try SSHServer()
        let place = "\(server.directory)/run"
        let mounted = try Command.run(["mount", "-t", "tmpfs", "-o", options, "none", place])
        try #require(mounted.succeeded, "\(mounted.output)")
        defer { _ = try? Command.run(["umount", "-l", place]) }
        let agent = try agent(server)
        try await agent.prepare()
        #expect(server.leavings.isEmpty)
        #expect(try await greets(agent))
        #expect(agent.configuration.arguments.contains { $0.hasPrefix("/tmp/plumbline.") })
        let path = try #require(agent.configuration.arguments.last)
        #expect(SystemFile.exists(path))
        await agent.close()
        #expect(!SystemFile.exists(path))
    }

    @Test("is gone after a cut connection, and is put there anew")
    func cut() async throws {
        let server = try SSHServer()
        let agent = try agent(server)
        try await agent.prepare()
        server.cut()
        try eventually("the machine is as it was") {
            server.leavings.isEmpty && server.agents.isEmpty
        }
        #expect(await agent.loss()?.message.contains("is lost: ") == true)
        let configuration = try await agent.reach()
        #expect(
            try await AgentDriver.greeting(of: configuration, isInterrupted: { false }).cpus > 0)
        await agent.close()
        #expect(server.leavings.isEmpty)
    }

    @Test("says why it does not run there")
    func cannotRun() async throws {
        let server = try SSHServer()
        let path = "\(server.directory)/broken"
        try Descriptor.open(path, [.write, .create]).writeAll("#!/no/such/interpreter\n")
        let agent = RemoteAgent(
            try SSHSession(server.address, configuration: server.client()), agent: path,
            isInterrupted: { false })
        let error = await #expect(throws: PlumblineError.self) { try await agent.prepare() }
        await agent.close()
        #expect(error?.message.contains("does not run on 127.0.0.1:\(server.port)") == true)
        #expect(server.leavings.isEmpty)
    }
}
