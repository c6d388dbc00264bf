import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { MailError, type Mail } from '../../domain/orders/notifications/mailer.ts';
import { createFolderMailer, createMailFolder } from './folder-mailer.ts';

const KEPT_AT = new Date('2026-11-02T10:00:00Z');

let directory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'headlesspro-mails-'));
});

after(() => rm(directory, { recursive: true, force: true }));

const mail = (name: string, change: Partial<Mail> = {}): Mail => ({
  messageId: `<${name}@shop.example>`,
  from: { name: 'Shop', address: 'shop@shop.example' },
  to: 'ada@example.com',
  subject: `Mail ${name}`,
  html: `<p>${name}</p>`,
  text: name,
  locale: 'en',
  ...change,
});

const inFolder = (name: string) => {
  const folder = join(directory, name);
  return { folder, mailer: createFolderMailer({ folder, now: () => KEPT_AT }), reader: createMailFolder(folder) };
};

test('an empty folder has no mails, even before it is there', async () => {
  const { reader } = inFolder('none');
  assert.deepEqual(await reader.list(10), []);
  assert.equal(await reader.get('ntf_1.0'), undefined);
  assert.equal(await reader.html('ntf_1.0'), undefined);
});

test('mails are kept as messages and listed newest first', async () => {
  const { folder, mailer, reader } = inFolder('some');
  for (const name of ['ntf_01.0', 'ntf_03.0', 'ntf_02.0']) await mailer.send(mail(name));
  assert.deepEqual(
    (await reader.list(2)).map(({ subject }) => subject),
    ['Mail ntf_03.0', 'Mail ntf_02.0'],
  );
  const { text, ...kept } = (await reader.get('ntf_01.0')) ?? {};
  assert.equal(text, 'ntf_01.0');
  assert.deepEqual(kept, {
    name: 'ntf_01.0',
    subject: 'Mail ntf_01.0',
    from: 'Shop <shop@shop.example>',
    to: 'ada@example.com',
    keptAt: KEPT_AT,
  });
  assert.equal(await reader.html('ntf_01.0'), '<p>ntf_01.0</p>');
  const message = await readFile(join(folder, 'ntf_01.0.eml'), 'utf8');
  assert.match(message, /^Message-ID: <ntf_01\.0@shop\.example>\r$/m);
  assert.match(message, /^Subject: Mail ntf_01\.0\r$/m);
});

test('a repeated mail is kept once', async () => {
  const { folder, mailer, reader } = inFolder('twice');
  await mailer.send(mail('ntf_01.0'));
  await mailer.send(mail('ntf_01.0'));
  assert.equal((await reader.list(10)).length, 1);
  assert.equal((await readdir(folder)).length, 3);
});

test('nothing but mails is read, and nothing is written elsewhere', async () => {
  const { folder, mailer, reader } = inFolder('closed');
  await mailer.send(mail('ntf_01.0'));
  await writeFile(join(directory, 'secret.json'), '{}');
  for (const name of ['../secret', '..%2fsecret', '', '.', 'ntf_01.0.json', '../closed/ntf_01.0']) {
    assert.equal(await reader.get(name), undefined, name);
    assert.equal(await reader.html(name), undefined, name);
  }
  for (const messageId of ['<../evil@x>', '<a/b@x>', '<@x>'])
    await assert.rejects(mailer.send(mail('x', { messageId })), MailError);
  await assert.rejects(mailer.send(mail('ntf_02.0', { subject: 'a\nBcc: eve@example.com' })), MailError);
  assert.equal((await readdir(folder)).length, 3);
});

test('a folder that cannot be written fails for now', async () => {
  await writeFile(join(directory, 'a-file'), '');
  const { mailer } = inFolder('a-file/in-it');
  await assert.rejects(mailer.send(mail('ntf_01.0')), (error) => error instanceof MailError && !error.permanent);
});

test('only the newest thousand are kept', async () => {
  const { folder, mailer, reader } = inFolder('many');
  for (let number = 1; number <= 1_100; number += 1) await mailer.send(mail(`ntf_${String(number).padStart(5, '0')}.0`));
  assert.equal((await readdir(folder)).length, 3_000);
  assert.equal((await reader.list(1))[0]?.name, 'ntf_01100.0');
  assert.equal(await reader.get('ntf_00100.0'), undefined);
});
