/** Passes news on one at a time; of those that come meanwhile only the latest. */
export class LatestOnly<News> {
  private next: News | undefined;
  private passing: Promise<void> | undefined;

  /** @param pass what it rejects with is dropped: the next says more. */
  constructor(private readonly pass: (news: News) => Promise<unknown>) {}

  tell(news: News): void {
    this.next = news;
    this.passing ??= this.passAll().finally(() => {
      this.passing = undefined;
    });
  }

  /** Waits until the latest was passed on. */
  async end(): Promise<void> {
    await this.passing;
  }

  private async passAll(): Promise<void> {
    // The rows of a batch come at once.
    await Promise.resolve();
    while (this.next !== undefined) {
      const news = this.next;
      this.next = undefined;
      await this.pass(news).catch(() => {});
    }
  }
}
