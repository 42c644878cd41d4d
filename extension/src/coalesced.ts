/** A task that is never run twice at once: requests made during a run share one more run. */
export class Coalesced {
  private current: Promise<void> | undefined;
  private next: Promise<void> | undefined;

  constructor(private readonly task: () => Promise<void>) {}

  /** Resolves after a run that began after this call; rejects if that run does. */
  run(): Promise<void> {
    if (this.current === undefined) {
      return this.begin();
    }
    const again = (): Promise<void> => {
      this.next = undefined;
      return this.begin();
    };
    this.next ??= this.current.then(again, again);
    return this.next;
  }

  /** Resolves when no run is going on or due. */
  async settled(): Promise<void> {
    while (this.current !== undefined) {
      await (this.next ?? this.current).catch(() => undefined);
    }
  }

  private begin(): Promise<void> {
    this.current = this.task().finally(() => {
      this.current = undefined;
    });
    return this.current;
  }
}
