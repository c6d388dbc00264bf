import type { SendMailOptions } from 'nodemailer';
import type { Mail } from '../../domain/orders/notifications/mailer.ts';

/** The mail as the library wants it. */
export const toMessage = ({ messageId, from, to, subject, html, text, locale }: Mail): SendMailOptions => ({
  messageId,
  from,
  to: { name: '', address: to },
  subject,
  html,
  text,
  // So that no machine answers it that is on holiday.
  headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': locale },
  disableFileAccess: true,
  disableUrlAccess: true,
});
