/** What a provider behind HTTP is reached with. */
export interface RemoteProviderOptions {
  /** Where its API begins. */
  readonly url: string;
  readonly apiKey: string;
  readonly webhookSecret: string;
  /** Milliseconds that one exchange may take. */
  readonly timeoutMs: number;
  /** Default: the clock. */
  readonly now?: () => Date;
}
