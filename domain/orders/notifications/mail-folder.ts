/** A mail that was put into a folder instead of being sent. */
export interface KeptMail {
  readonly name: string;
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly keptAt: Date;
  readonly text: string;
}

/** Mails of a store that sends none, for people to look at. */
export interface MailFolder {
  /** The newest first. */
  list(limit: number): Promise<KeptMail[]>;
  get(name: string): Promise<KeptMail | undefined>;
  html(name: string): Promise<string | undefined>;
}
