import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { KeptMail, MailFolder } from '../../domain/orders/notifications/mail-folder.ts';
import { checkHeaders, MailError, type Mail, type Mailer } from '../../domain/orders/notifications/mailer.ts';
import { toMessage } from './mime-message.ts';

/** Sortable by time, as ids are; the same for the same mail, so that a repetition replaces it. */
const NAME = /^[a-z0-9_]{1,64}(?:\.\d{1,9})?$/;
const MAX_KEPT = 1_000;
const TIDY_EVERY = 100;

const nameOf = ({ messageId }: Mail): string => {
  const name = messageId.slice(1, messageId.lastIndexOf('@'));
  if (!NAME.test(name)) throw new MailError('The Message-ID is none of ours', { permanent: true });
  return name;
};

/** Of each mail three files: the message (`.eml`), its HTML, and what a list shows of it (`.json`), which is written last. */
const EXTENSIONS = ['.json', '.html', '.eml'] as const;

const namesIn = async (folder: string): Promise<string[]> => {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return files
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .filter((name) => NAME.test(name))
    .sort()
    .reverse();
};

const readIfThere = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });

/** Puts mails into a folder, instead of sending them, and keeps the newest thousand. `now`: noted with each. */
export function createFolderMailer({ folder, now }: { folder: string; now: () => Date }): Mailer {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  let kept = 0;

  async function put(file: string, content: string | Uint8Array): Promise<void> {
    const path = join(folder, file);
    await writeFile(`${path}.part`, content, { mode: 0o600 });
    await rename(`${path}.part`, path);
  }

  async function tidy(): Promise<void> {
    for (const name of (await namesIn(folder)).slice(MAX_KEPT)) {
      for (const extension of EXTENSIONS) await rm(join(folder, `${name}${extension}`), { force: true });
    }
  }

  return {
    async send(mail) {
      checkHeaders(mail);
      const name = nameOf(mail);
      try {
        const { message } = await composer.sendMail(toMessage(mail));
        if (!Buffer.isBuffer(message)) throw new Error('The message was not composed');
        const { subject, from, to, text } = mail;
        const shown: KeptMail = { name, subject, from: `${from.name} <${from.address}>`, to, keptAt: now(), text };
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await put(`${name}.eml`, message);
        await put(`${name}.html`, mail.html);
        await put(`${name}.json`, JSON.stringify(shown));
        kept += 1;
        if (kept % TIDY_EVERY === 0) await tidy();
      } catch (error) {
        throw new MailError(
          `The mail could not be put into the folder: ${error instanceof Error ? error.message : String(error)}`,
          { permanent: false },
        );
      }
    },
  };
}

/** Reads what `createFolderMailer` has put there. */
export function createMailFolder(folder: string): MailFolder {
  async function get(name: string): Promise<KeptMail | undefined> {
    if (!NAME.test(name)) return undefined;
    const json = await readIfThere(join(folder, `${name}.json`));
    if (json === undefined) return undefined;
    const { keptAt, ...mail } = JSON.parse(json) as Omit<KeptMail, 'keptAt'> & { keptAt: string };
    return { ...mail, keptAt: new Date(keptAt) };
  }
  return {
    get,
    async list(limit) {
      const names = (await namesIn(folder)).slice(0, limit);
      return (await Promise.all(names.map(get))).filter((mail) => mail !== undefined);
    },
    html: async (name) => (NAME.test(name) ? readIfThere(join(folder, `${name}.html`)) : undefined),
  };
}
