import type { KeptMail } from '../../../domain/orders/notifications/mail-folder.ts';

/** For pages of `listPage` and `mailPage`: no script, and of frames only our own. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

/** For a mail in its frame: it is shown as a mail program shows it, and can do nothing. */
export const MAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'; base-uri 'none'; sandbox allow-popups";

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; vertical-align: top; }
iframe { width: 100%; height: 70vh; border: 1px solid #999; background: #fff; }
pre { white-space: pre-wrap; border: 1px solid #999; padding: 1rem; }
</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${body}
</body>
</html>
`;

const when = (at: Date): string =>
  `<time datetime="${at.toISOString()}">${at.toISOString().slice(0, 19).replace('T', ' ')} UTC</time>`;

/** The newest mails. */
export function listPage(path: string, mails: readonly KeptMail[]): string {
  const rows = mails.map(
    ({ name, subject, to, keptAt }) =>
      `<tr><td>${when(keptAt)}</td><td><a href="${path}/${escaped(name)}">${escaped(subject)}</a></td><td>${escaped(to)}</td></tr>`,
  );
  const table = `<table>\n<tr><th>Time</th><th>Subject</th><th>To</th></tr>\n${rows.join('\n')}\n</table>`;
  const mailsOrNone = rows.length === 0 ? '<p>There are none yet.</p>' : table;
  return page(
    'Mails',
    `<p>This store sends no mails: it keeps them. Set <code>SMTP_URL</code> to send them.</p>\n${mailsOrNone}`,
  );
}

/** One mail: its headers, its look, its plain text. */
export const mailPage = (path: string, { name, subject, from, to, keptAt, text }: KeptMail): string =>
  page(
    subject,
    `<p><a href="${path}">All mails</a></p>
<table>
<tr><th>From</th><td>${escaped(from)}</td></tr>
<tr><th>To</th><td>${escaped(to)}</td></tr>
<tr><th>Time</th><td>${when(keptAt)}</td></tr>
</table>
<iframe src="${path}/${escaped(name)}/html" title="The mail" sandbox="allow-popups"></iframe>
<h2>Plain text</h2>
<pre>${escaped(text)}</pre>`,
  );
