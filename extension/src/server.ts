/** The language server's life: started, restarted, asked. */
import { type ExtensionContext, type LogOutputChannel, Uri, workspace } from "vscode";
import {
  DidChangeConfigurationNotification,
  ExecuteCommandRequest,
  LanguageClient,
  State,
} from "vscode-languageclient/node";

import { Coalesced } from "./coalesced";
import type { Jobs } from "./jobs";
import { Problem } from "./problem";
import { jobNotification, type ServerCommands } from "./protocol";
import { serverPython } from "./python/server";
import { severities } from "./settings";

export class Server {
  private client: LanguageClient | undefined;
  private readonly restarts = new Coalesced(() => this.replace());

  constructor(
    private readonly context: ExtensionContext,
    private readonly log: LogOutputChannel,
    private readonly jobs: Jobs,
  ) {}

  /** Starts the server, ending the one that runs; throws a Problem without a fit interpreter. */
  restart(): Promise<void> {
    return this.restarts.run();
  }

  /** Tells the running server the settings that it takes over; one that starts reads them itself. */
  async configure(): Promise<void> {
    await this.restarts.settled();
    if (this.client?.state === State.Running) {
      const settings = { severity: severities() };
      await this.client.sendNotification(DidChangeConfigurationNotification.type, { settings });
    }
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client === undefined || client.state === State.Stopped) {
      return;
    }
    // A client that is still starting cannot be stopped; one that fails to has nothing to stop.
    await client.start().then(
      () => client.dispose(),
      () => undefined,
    );
  }

  /** Has the server execute `magneton.server.<name>`; its refusal is thrown as it words it. */
  async ask<Name extends keyof ServerCommands>(
    name: Name,
    argument: ServerCommands[Name][0],
  ): Promise<ServerCommands[Name][1]> {
    await this.restarts.settled();
    // While it is starting again after a crash, the client holds requests back by itself.
    if (this.client === undefined || this.client.state === State.Stopped) {
      throw new Problem(
        "the language server is not running",
        "it could not be started, or it stopped too often",
        "See the log, and start it again",
        [{ title: "Start Again", run: () => this.restart() }],
      );
    }
    const command = `magneton.server.${name}`;
    const parameters = { command, arguments: [argument] };
    return (await this.client.sendRequest(
      ExecuteCommandRequest.type,
      parameters,
    )) as ServerCommands[Name][1];
  }

  private async replace(): Promise<void> {
    await this.stop();
    const client = this.create(await serverPython());
    this.client = client;
    await client.start();
  }

  private create(python: string): LanguageClient {
    const script = Uri.joinPath(this.context.extensionUri, "bundled", "run_server.py").fsPath;
    const client = new LanguageClient(
      "magneton",
      "Magneton",
      { command: python, args: ["-I", script] },
      {
        documentSelector: [{ scheme: "file", language: "python" }],
        outputChannel: this.log,
        // Hover text quotes the user's programs: it may neither run commands nor bring HTML.
        markdown: { isTrusted: false, supportHtml: false },
        initializationOptions: () => ({
          trusted: workspace.isTrusted,
          python: null, // chosen for each run: it depends on the file's folder
          severity: severities(),
        }),
      },
    );
    this.listen(client);
    return client;
  }

  private listen(client: LanguageClient): void {
    client.onNotification(jobNotification, (update) => {
      this.jobs.receive(update);
    });
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Stopped) {
        this.jobs.abandon();
      }
    });
  }
}
