import type { Mailer } from '../../domain/orders/notifications/mailer.ts';
import type { Config } from '../../platform/config.ts';
import { createFolderMailer } from './folder-mailer.ts';
import { createSmtpMailer } from './smtp-mailer.ts';

/** Carries mails away as configured: by SMTP, or else into a folder. */
export const createMailer = ({ mail: { smtpUrl, smtpTls, timeoutMs, folder } }: Pick<Config, 'mail'>): Mailer =>
  smtpUrl === undefined
    ? createFolderMailer({ folder, now: () => new Date() })
    : createSmtpMailer({ url: smtpUrl, tls: smtpTls, timeoutMs });
