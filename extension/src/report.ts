/** The newest result's report, in a panel that can neither run scripts nor load anything. */
import { ViewColumn, type WebviewPanel, window } from "vscode";

import type { ReportOf } from "./protocol";
import type { Server } from "./server";

const POLICY =
  '<meta http-equiv="Content-Security-Policy" ' +
  "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">";

export class ReportPanel {
  private panel: WebviewPanel | undefined;

  constructor(private readonly server: Server) {}

  /** Shows a report; the server's words are thrown if there is no result. */
  async show(of: ReportOf): Promise<void> {
    const { html } = await this.server.ask("report", of);
    this.panel ??= this.open();
    this.panel.webview.html = withPolicy(html);
    this.panel.reveal();
  }

  private open(): WebviewPanel {
    const panel = window.createWebviewPanel("magneton.report", "Magneton Report", ViewColumn.Beside, {
      enableScripts: false,
      localResourceRoots: [],
    });
    panel.onDidDispose(() => {
      this.panel = undefined;
    });
    return panel;
  }
}

/** The page with a policy as the first thing in its head, before anything that it governs. */
export function withPolicy(html: string): string {
  const head = /<head[^>]*>/i;
  if (!head.test(html)) {
    throw new Error("the report is not a whole HTML page");
  }
  return html.replace(head, (tag) => tag + POLICY);
}
