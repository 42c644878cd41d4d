/** Errors that reach the user: fact, cause, remedy. */
import { commands, type LogOutputChannel, window } from "vscode";

export interface Action {
  title: string;
  run: () => unknown;
}

/** Something the user can act on; the buttons in `actions` help. */
export class Problem extends Error {
  constructor(
    fact: string,
    why: string,
    remedy: string,
    readonly actions: readonly Action[] = [],
  ) {
    super(`${fact}: ${why}. ${remedy}.`);
  }
}

/** Shows `error` with its buttons and one that opens `log`. */
export async function showError(error: unknown, log: LogOutputChannel): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  log.error(message);
  const actions: Action[] = [
    ...(error instanceof Problem ? error.actions : []),
    {
      title: "Show Log",
      run: () => {
        log.show();
      },
    },
  ];
  await ask("error", message, actions);
}

/** Shows `message` with a button for each action, and runs the chosen one. */
export async function ask(
  kind: "error" | "information",
  message: string,
  actions: readonly Action[],
): Promise<void> {
  const show = kind === "error" ? window.showErrorMessage : window.showInformationMessage;
  // No links: VS Code runs the command of "[label](command:…)", and programs and files are quoted.
  const text = message.replaceAll("](", "] (");
  const chosen = await show(`Magneton: ${text}`, ...actions.map(({ title }) => title));
  await actions.find(({ title }) => title === chosen)?.run();
}

/** A button that opens the settings at `name`. */
export function openSetting(name: string): Action {
  return {
    title: "Open Setting",
    run: () => commands.executeCommand("workbench.action.openSettings", name),
  };
}
