import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { MailError, type Mail, type Mailer } from '../../domain/orders/notifications/mailer.ts';
import { headerOf, startSmtpServer, type SmtpServer, type SmtpStage } from '../../tests/support/smtp-server.ts';
import { createSmtpMailer } from './smtp-mailer.ts';

const TIMEOUT_MS = 200;
const MAIL: Mail = {
  messageId: '<ntf_1.0@shop.example>',
  from: { name: 'The Shöp', address: 'shop@shop.example' },
  to: 'ada@example.com',
  subject: 'Your order T-1: 12,00 €',
  html: '<p>Hello</p>',
  text: 'Hello',
  locale: 'en',
};

let server: SmtpServer;
let mailer: Mailer;

before(async () => {
  server = await startSmtpServer();
  mailer = createSmtpMailer({ url: server.url, tls: false, timeoutMs: TIMEOUT_MS });
});

after(() => server.close());

let earlier = 0;
beforeEach(() => {
  earlier = server.received.length;
});

async function failing(mail: Mail, sender = mailer): Promise<MailError> {
  const error: unknown = await sender.send(mail).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof MailError, `sent, or failed with ${String(error)}`);
  return error;
}

describe('a mail over SMTP', () => {
  it('arrives with its headers and both of its parts', async () => {
    await mailer.send(MAIL);
    const mail = server.received[earlier];
    assert.ok(mail);
    assert.deepEqual([mail.from, mail.to], ['shop@shop.example', ['ada@example.com']]);
    assert.equal(headerOf(mail, 'Message-ID'), '<ntf_1.0@shop.example>');
    assert.equal(headerOf(mail, 'To'), 'ada@example.com');
    assert.equal(headerOf(mail, 'Auto-Submitted'), 'auto-generated');
    assert.equal(headerOf(mail, 'Content-Language'), 'en');
    assert.match(headerOf(mail, 'From') ?? '', /^=\?UTF-8\?.*\?= <shop@shop\.example>$/);
    assert.match(mail.data, /Content-Type: text\/plain[\s\S]*Hello[\s\S]*Content-Type: text\/html[\s\S]*<p>Hello<\/p>/);
  });

  const refusals: [SmtpStage, string, boolean][] = [
    ['connect', '421 too busy', false],
    ['connect', '554 not you', false],
    ['MAIL', '451 later', false],
    ['MAIL', '530 log in first', false],
    ['MAIL', '550 not from there', true],
    ['RCPT', '450 mailbox busy', false],
    ['RCPT', '550 no such user <ada@example.com>', true],
    ['DATA', '451 later', false],
    ['message', '452 disk full', false],
    ['message', '554 looks like spam', true],
  ];
  for (const [at, answer, permanent] of refusals) {
    it(`that is answered “${answer}” after ${at} is refused ${permanent ? 'for good' : 'for now'}`, async () => {
      server.script({ at, answer });
      const error = await failing(MAIL);
      assert.equal(error.permanent, permanent, error.message);
      assert.ok(error.message.includes(answer.slice(0, 3)), error.message);
      assert.doesNotMatch(error.message, /ada/);
    });
  }

  for (const at of ['connect', 'MAIL', 'message'] as const) {
    for (const answer of ['hang', 'drop'] as const) {
      it(`may be tried again when the server ${answer === 'hang' ? 'falls silent' : 'is gone'} after ${at}`, async () => {
        server.script({ at, answer });
        assert.equal((await failing(MAIL)).permanent, false);
        assert.equal(server.received.length - earlier, at === 'message' ? 1 : 0);
      });
    }
  }

  it('may be tried again when nobody listens', async () => {
    const gone = await startSmtpServer();
    await gone.close();
    assert.equal((await failing(MAIL, createSmtpMailer({ url: gone.url, tls: false, timeoutMs: TIMEOUT_MS }))).permanent, false);
  });

  it('is not sent without TLS unless that was asked for', async () => {
    const error = await failing(MAIL, createSmtpMailer({ url: server.url, tls: true, timeoutMs: TIMEOUT_MS }));
    assert.equal(error.permanent, false);
    assert.equal(server.received.length, earlier);
  });

  it('does not carry headers of somebody else', async () => {
    const injected: Partial<Mail>[] = [
      { subject: 'Hello\r\nBcc: eve@example.com' },
      { subject: 'Hello\nBcc: eve@example.com' },
      { to: 'ada@example.com\r\nBcc: eve@example.com' },
      { from: { name: 'Shop\r\nBcc: eve@example.com', address: 'shop@shop.example' } },
      { messageId: '<1@x>\r\nBcc: eve@example.com' },
    ];
    for (const change of injected) assert.equal((await failing({ ...MAIL, ...change })).permanent, true);
    assert.equal(server.received.length, earlier);
  });

  it('goes to one address, whatever that looks like', async () => {
    await mailer.send({ ...MAIL, to: "o'brien+shop@example.com" }).catch(() => undefined);
    for (const to of ['ada@example.com, eve@example.com', 'ada@example.com> RCPT TO:<eve@example.com']) {
      await mailer.send({ ...MAIL, to }).catch(() => undefined);
    }
    const recipients = server.received.slice(earlier).flatMap((mail) => mail.to);
    assert.ok(recipients.includes("o'brien+shop@example.com"));
    assert.ok(!recipients.includes('eve@example.com'), recipients.join(' '));
  });
});
