/** A mail as it leaves the house. */
export interface Mail {
  /** The header `Message-ID`, with its angle brackets: the same in every attempt to send this mail. */
  readonly messageId: string;
  readonly from: { readonly name: string; readonly address: string };
  /** One address. */
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  /** The same for those who read plain text. */
  readonly text: string;
  /** BCP 47. */
  readonly locale: string;
}

/** Carries mails away. */
export interface Mailer {
  /**
   * Resolves when the other side has taken the mail, within a time-out of its own. Raises MailError. A failure that is not
   * permanent may come after the mail was taken: a repetition with the same Message-ID is then the same mail.
   */
  send(mail: Mail): Promise<void>;
}

const ADDRESS = /[^\s<>@"'(),;:]+@[^\s<>@"'(),;:]+/g;

/** Mail servers quote the recipient in their answers; what we keep and log must not. */
export const withoutAddresses = (text: string): string => text.replace(ADDRESS, '…@…');

/** A mail was not taken. Its message names no address. */
export class MailError extends Error {
  /** Whether the same mail would be refused again. */
  readonly permanent: boolean;

  constructor(message: string, { permanent }: { permanent: boolean }) {
    super(withoutAddresses(message));
    this.name = 'MailError';
    this.permanent = permanent;
  }
}

const CONTROL = /[\p{Cc}\u2028\u2029]/u;

/** Refuses a header that is more than one line: what follows would be a header of somebody else's. Raises MailError. */
export function checkHeaders({ messageId, from, to, subject }: Mail): void {
  for (const [header, value] of Object.entries({
    'Message-ID': messageId,
    From: `${from.name} ${from.address}`,
    To: to,
    Subject: subject,
  })) {
    if (CONTROL.test(value)) throw new MailError(`The header ${header} is not one line of text`, { permanent: true });
  }
}
