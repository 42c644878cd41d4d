/** Asks for values of a function's own parameters that What If… is to try too. */
import { window } from "vscode";

const KNOB = /^[\p{L}_][\p{L}\p{N}_]*=[^,]+(,[^,]+)*$/u; // the server says more of what it refuses

/** What to try of `target`, which may be nothing; undefined if dismissed. */
export async function askKnobs(target: string): Promise<string[] | undefined> {
  const text = await window.showInputBox({
    title: `Magneton: try ${target} under other settings`,
    prompt: "Values of its own parameters to try too, with spaces between parameters. Empty: none",
    placeHolder: "batch_size=1,8,32",
    validateInput: knobProblem,
  });
  return text === undefined ? undefined : knobsIn(text);
}

/** The knobs in what was typed: `batch_size=1,8 mode=fast` are two. */
export function knobsIn(text: string): string[] {
  return text.split(/\s+/).filter((each) => each !== "");
}

/** What is wrong with what was typed; null if nothing is. */
export function knobProblem(text: string): string | null {
  const wrong = knobsIn(text).find((each) => !KNOB.test(each));
  return wrong === undefined ? null : `"${wrong}" is not of the form NAME=VALUE,VALUE.`;
}
