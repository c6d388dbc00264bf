import { createTransport } from 'nodemailer';
import { checkHeaders, MailError, type Mail, type Mailer } from '../../domain/orders/notifications/mailer.ts';
import { toMessage } from './mime-message.ts';

export interface SmtpMailerOptions {
  /** `smtps://` (TLS from the first byte) or `smtp://` (TLS by STARTTLS), with user, password and port as they are needed. */
  readonly url: string;
  /** False: without TLS, for a relay on the same machine. */
  readonly tls: boolean;
  /** Of each wait for the server; the whole exchange gets three times as long. */
  readonly timeoutMs: number;
}

/** The library's codes of what was said of the mail itself; others tell of the connection, the server or the login. */
const ABOUT_THE_MAIL: readonly unknown[] = ['EENVELOPE', 'EMESSAGE'];
/** The server wants a login, or a better one: an operator can mend it. */
const ABOUT_THE_LOGIN: readonly unknown[] = [530, 534, 535, 538];

/** Whether the server would refuse the same mail again. Without an answer of its own the mail was not even offered to it. */
function isPermanent({
  code,
  responseCode = 500,
}: Error & { readonly code?: unknown; readonly responseCode?: unknown }): boolean {
  return ABOUT_THE_MAIL.includes(code) && Number(responseCode) >= 500 && !ABOUT_THE_LOGIN.includes(responseCode);
}

/** Sends mails by SMTP, each over a connection of its own. The server's certificate is checked. */
export function createSmtpMailer({ url, tls, timeoutMs }: SmtpMailerOptions): Mailer {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const transport = createTransport({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: tls && !secure,
    ignoreTLS: !tls && !secure,
    ...(username !== '' && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });

  /** The exchange as a whole: a server that says something now and then would else keep us for ever. */
  async function within<T>(sending: Promise<T>, ms: number): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new MailError(`The mail server did not take the mail within ${ms} ms`, { permanent: false })),
        ms,
      );
    });
    return Promise.race([sending, late]).finally(() => clearTimeout(timer));
  }

  return {
    async send(mail: Mail) {
      checkHeaders(mail);
      try {
        await within(transport.sendMail(toMessage(mail)), 3 * timeoutMs);
      } catch (error) {
        if (error instanceof MailError) throw error;
        if (!(error instanceof Error)) throw error;
        throw new MailError(error.message, { permanent: isPermanent(error) });
      }
    },
  };
}
