import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { createMailFolder } from '../../adapters/mail/folder-mailer.ts';
import { createSmtpMailer } from '../../adapters/mail/smtp-mailer.ts';
import { createTemplateRenderer } from '../../adapters/mail/template-renderer.ts';
import { ephemeral, openDatabase, type Database } from '../../adapters/postgres/database.ts';
import { createUnitOfWork } from '../../adapters/postgres/unit-of-work.ts';
import type { KeptMail, MailFolder } from '../../domain/orders/notifications/mail-folder.ts';
import { MAIL_TEMPLATES } from '../../domain/orders/notifications/mail-template.ts';
import type { MailError, Mailer } from '../../domain/orders/notifications/mailer.ts';
import type { Notification } from '../../domain/orders/notifications/notification.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import { createNotificationDesk } from '../../services/orders/notifications/notification-desk.ts';
import { createNotificationSender, type NotificationSenderDeps } from '../../services/orders/notifications/send-notifications.ts';
import type { Stores, Work } from '../../services/stores.ts';
import { fillStore } from '../support/demo-catalog.ts';
import { bookPayment } from '../support/payment-books.ts';
import { headerOf, startSmtpServer, type SmtpServer } from '../support/smtp-server.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { startTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitFor } from '../support/wait-for.ts';
import { placed, shipAll } from './order-commands.ts';

const newId = createIdGenerator();

describe('the sender of mails', () => {
  const renderer = createTemplateRenderer();
  let server: TestDatabase;
  let database: Database;
  let channelId: string;
  let work: Work;
  let smtp: SmtpServer;
  let failures: MailError[] = [];
  let earlier = 0;

  before(async () => {
    server = await startTestDatabase();
    database = openDatabase({ url: server.url, poolSize: 8 });
    ({ channelId } = await fillStore(database, [{ sku: 'CAP', price: 2_000, stock: 10 }]));
    work = createUnitOfWork(database);
    smtp = await startSmtpServer();
  });

  afterEach(() => {
    earlier = smtp.received.length;
    failures = [];
  });

  after(async () => {
    await smtp.close();
    await database.close();
    await server.close();
  });

  const mailer = (timeoutMs = 10_000): Mailer => createSmtpMailer({ url: smtp.url, tls: false, timeoutMs });

  const senderWith = (deps: Partial<NotificationSenderDeps> = {}): (() => Promise<number>) =>
    createNotificationSender({
      work,
      mailer: mailer(),
      renderer,
      fromAddress: 'shop@shop.example',
      newId,
      onFailure: (error) => failures.push(error),
      ...deps,
    });

  /** A fact that a mail tells of; answers the mail's id. */
  async function invoiceSent(payload: object = {}): Promise<string> {
    const id = newId('event');
    const invoice = {
      draftOrderId: 'draft',
      email: 'ada@example.com',
      amount: 1_000,
      currency: 'EUR',
      url: 'https://shop.example/pay',
      ...payload,
    };
    await work.transaction((stores) =>
      stores.outbox.append({ id, type: 'order.invoice_sent', aggregateId: newId('cart'), payload: invoice }),
    );
    return id.replace('evt_', 'ntf_');
  }

  async function read(id: string): Promise<Notification> {
    const notification = await work.stores.notifications.get(id);
    assert.ok(notification);
    return notification;
  }

  const makeDue = (id: string): Promise<number> =>
    database.run(ephemeral('UPDATE notifications SET due_at = now() WHERE id = $1'), [id]);
  const arrived = (): (string | undefined)[] => smtp.received.slice(earlier).map((mail) => headerOf(mail, 'Message-ID'));
  const openIncident = (id: string) => work.stores.incidents.findOpen('notification_failed', id);

  it('sends one mail for each fact, however many senders there are', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => invoiceSent()));
    const until = async (send: () => Promise<number>): Promise<void> => {
      while ((await send()) > 0);
    };
    await Promise.all(Array.from({ length: 4 }, () => until(senderWith())));
    assert.deepEqual(arrived().sort(), ids.map((id) => `<${id.toLowerCase()}.0@shop.example>`).sort());
    for (const id of ids) {
      const { status, attempts, locale, sentAt } = await read(id);
      assert.deepEqual([status, attempts, locale], ['sent', 1, 'en']);
      assert.ok(sentAt);
    }
    assert.equal(await senderWith()(), 0);
  });

  it('sends nothing of what did not happen', async () => {
    const event = {
      id: newId('event'),
      type: 'order.invoice_sent' as const,
      aggregateId: newId('cart'),
      payload: { email: 'ada@example.com' },
    };
    const undone = work.transaction(async (stores) => {
      await stores.outbox.append(event);
      throw new Error('undone');
    });
    await assert.rejects(undone, /undone/);
    assert.equal(await senderWith()(), 0);
    await work.transaction((stores) => stores.outbox.append({ ...event, type: 'order.completed' }));
    assert.equal(await senderWith()(), 0, 'nobody is written to about that');
  });

  it('tries again later what was refused for now', async () => {
    const id = await invoiceSent();
    smtp.script({ at: 'RCPT', answer: '451 <ada@example.com> is busy' });
    await senderWith()();
    const refused = await read(id);
    assert.deepEqual([refused.status, refused.attempts], ['pending', 1]);
    assert.ok(refused.dueAt.getTime() > Date.now() + 5_000, 'not at once');
    assert.equal(await senderWith()(), 0);
    assert.match(refused.failure ?? '', /451/);
    assert.doesNotMatch(`${refused.failure ?? ''} ${failures.join(' ')}`, /ada/);
    await makeDue(id);
    await senderWith()();
    const sent = await read(id);
    assert.deepEqual([sent.status, sent.attempts, sent.failure, sent.messageId], ['sent', 2, null, refused.messageId]);
    assert.equal(await openIncident(id), undefined);
  });

  it('calls a person for what is refused for good; sent again it is another mail, and the person is told', async () => {
    const id = await invoiceSent();
    smtp.script({ at: 'RCPT', answer: '550 no such user <ada@example.com>' });
    await senderWith()();
    assert.equal((await read(id)).status, 'failed');
    const incident = await openIncident(id);
    assert.ok(incident);
    assert.match(incident.cause, /550/);
    assert.doesNotMatch(incident.cause, /ada/);
    assert.deepEqual(incident.actions, ['retry', 'ignore']);

    const desk = createNotificationDesk({ work, renderer, now: () => new Date() });
    await desk.resend(id, 'grace');
    await assert.rejects(desk.resend(id, 'grace'), { code: 'INVALID_TRANSITION' });
    await senderWith()();
    assert.deepEqual(arrived(), [`<${id.toLowerCase()}.1@shop.example>`]);
    assert.equal(await openIncident(id), undefined);
    assert.equal((await work.stores.incidents.get(incident.id))?.resolution, 'The mail was sent');
    await assert.rejects(desk.resend(newId('notification'), 'grace'), { code: 'NOT_FOUND' });
  });

  it('calls a person when it has tried for hours', async () => {
    const id = await invoiceSent();
    await database.run(ephemeral('UPDATE notifications SET attempts = 17 WHERE id = $1'), [id]);
    smtp.script({ at: 'MAIL', answer: '451 later' });
    await senderWith()();
    assert.equal((await read(id)).status, 'failed');
    assert.ok(await openIncident(id));
  });

  it('calls a person when a mail cannot be written', async () => {
    const id = await invoiceSent();
    await senderWith({
      renderer: {
        render: () => {
          throw new Error('There is no value for {amount}');
        },
      },
    })();
    assert.equal((await read(id)).status, 'failed');
    assert.match((await openIncident(id))?.cause ?? '', /could not be written: There is no value for \{amount\}/);
  });

  for (const [what, answer] of [
    ['falls silent', 'hang'],
    ['is gone', 'drop'],
  ] as const) {
    it(`repeats a mail under the same id when the server has it and ${what}`, async () => {
      const id = await invoiceSent();
      smtp.script({ at: 'message', answer });
      await senderWith({ mailer: mailer(300) })();
      assert.equal((await read(id)).status, 'pending');
      await makeDue(id);
      await senderWith()();
      assert.equal((await read(id)).status, 'sent');
      const [first, second] = arrived();
      assert.equal(arrived().length, 2);
      assert.equal(first, second);
    });
  }

  it('repeats a mail under the same id when it dies before it has noted it', async () => {
    const id = await invoiceSent();
    const dying = (stores: Stores): Stores => ({
      ...stores,
      notifications: { ...stores.notifications, sent: () => Promise.reject(new Error('killed')) },
    });
    const killed: Work = { stores: work.stores, transaction: (change) => work.transaction((stores) => change(dying(stores))) };
    await assert.rejects(senderWith({ work: killed, leaseSeconds: 0 })(), /killed/);
    assert.equal((await read(id)).status, 'sending');
    await senderWith()();
    assert.equal((await read(id)).status, 'sent');
    const [first, second] = arrived();
    assert.equal(arrived().length, 2);
    assert.equal(first, second);
  });

  it('leaves a mail alone that is being sent by somebody else', async () => {
    const id = await invoiceSent();
    const { notifications } = work.stores;
    const [first] = await notifications.claim(5, { leaseSeconds: 0, domain: 'shop.example' });
    const [second] = await notifications.claim(5, { leaseSeconds: 60, domain: 'shop.example' });
    assert.ok(first && second);
    assert.deepEqual([first.id, second.id, first.messageId], [id, id, second.messageId]);
    assert.deepEqual(await notifications.claim(5, { leaseSeconds: 60, domain: 'shop.example' }), []);
    // The first comes late: the second decides.
    await notifications.postpone(first, 'late', 1);
    assert.equal(await notifications.end(first, 'failed', 'late'), false);
    assert.equal((await read(id)).status, 'sending');
    await notifications.sent(second, 'de');
    await notifications.postpone(second, 'after all', 1);
    const { status, locale } = await read(id);
    assert.deepEqual([status, locale], ['sent', 'de']);
  });

  it('reads whom to write to, and in which language, when it sends', async () => {
    const { orderId } = await bookPayment(database, channelId);
    const event = {
      id: newId('event'),
      type: 'order.canceled' as const,
      aggregateId: orderId,
      payload: { orderId, paymentStatus: 'voided' },
    };
    await work.transaction((stores) => stores.outbox.append(event));
    const address = {
      firstName: 'Ada',
      lastName: 'Lovelace',
      line1: '1',
      city: 'Berlin',
      postalCode: '10115',
      countryCode: 'DE',
    };
    await database.run(
      ephemeral("UPDATE orders SET email = 'later@example.com', locale = 'de-DE', shipping_address = $2 WHERE id = $1"),
      [orderId, address],
    );
    await database.run(ephemeral("UPDATE channels SET mail_from_name = 'Mützen & mehr' WHERE id = $1"), [channelId]);
    await senderWith()();
    const mail = smtp.received[earlier];
    assert.ok(mail);
    assert.deepEqual(mail.to, ['later@example.com']);
    assert.match(headerOf(mail, 'Subject') ?? '', /^Ihre Bestellung B-\d+ wurde storniert$/);
    assert.match(headerOf(mail, 'From') ?? '', /^=\?UTF-8\?/);
    const { items } = await work.stores.notifications.list({ first: 10 }, { orderId });
    assert.deepEqual(
      items.map(({ locale, status }) => [locale, status]),
      [['de-DE', 'sent']],
    );
  });

  it('leaves out what there is nothing to tell of any more', async () => {
    const { orderId, paymentId } = await bookPayment(database, channelId);
    const captured = newId('event');
    const refunded = newId('event');
    await work.transaction(async (stores) => {
      await stores.outbox.append({
        id: captured,
        type: 'payment.captured',
        aggregateId: orderId,
        payload: { orderId, paymentId, amount: 1_000, currency: 'USD' },
      });
      const nowhere = newId('order');
      await stores.outbox.append({
        id: refunded,
        type: 'refund.succeeded',
        aggregateId: nowhere,
        payload: { orderId: nowhere, amount: 1, currency: 'USD' },
      });
    });
    await senderWith()();
    for (const [event, reason] of [
      [captured, /when the order was placed/],
      [refunded, /nothing to tell/],
    ] as const) {
      const { status, failure } = await read(event.replace('evt_', 'ntf_'));
      assert.equal(status, 'skipped');
      assert.match(failure ?? '', reason);
    }
    assert.deepEqual(arrived(), []);
  });
});

const LIST = `query L($orderId: ID!) { notifications(orderId: $orderId, first: 20) {
  nodes { id template status locale attempts resends messageId failure nextAttemptAt } pageInfo { hasNextPage } } }`;
const RESEND = `mutation R($id: ID!) { notificationResend(input: { id: $id, actor: "grace" }) {
  __typename ... on NotificationPayload { notification { status resends } } ... on InputError { code field } } }`;
const RETRY = `mutation I($id: ID!) { incidentAct(input: { id: $id, action: RETRY, reason: "the server is back", actor: "grace" }) {
  __typename ... on InputError { code message } } }`;
const PREVIEW = `query P($template: NotificationTemplate!, $orderId: ID!) { notificationPreview(template: $template, orderId: $orderId) {
  __typename ... on NotificationPreview { locale subject html text } ... on InputError { code field } } }`;

interface Listed {
  readonly id: string;
  readonly template: string;
  readonly status: string;
  readonly resends: number;
}

describe('a store without a mail server', () => {
  let store: TestStore;
  let folder: MailFolder;

  before(async () => {
    store = await startStore([{ sku: 'MUG', price: 1_200, stock: 100 }], { env: { MAIL_PREVIEW: 'true' } });
    folder = createMailFolder(join(store.stack.env['DATA_DIR'] ?? '', 'mails'));
  });

  after(() => store.close());

  const list = async (orderId: string): Promise<Listed[]> =>
    (await store.admin<{ notifications: { nodes: Listed[] } }>(LIST, { orderId })).notifications.nodes;

  const mailWith = (subject: string): Promise<KeptMail> =>
    waitFor(async () => (await folder.list(50)).find((mail) => mail.subject === subject), { what: `the mail “${subject}”` });

  it('puts the mails of an order into a folder, and shows them', async () => {
    const order = await placed(store, 1);
    const [row] = await store.database.rows<{ number: string }>(ephemeral('SELECT number FROM orders WHERE id = $1'), [order.id]);
    const number = row?.number ?? '';
    const mail = await mailWith(`Your order ${number}`);
    assert.equal(mail.to, 'shopper1@example.com');
    assert.match(mail.text, /1 × MUG: \$12\.00/);
    assert.match(mail.text, /Total: \$\d+\.\d\d/);
    assert.match(mail.text, /Ada Lovelace\n1 Main St\nNew York, NY, 10001\nUnited States/);

    await shipAll(store, order);
    await mailWith(`Your order ${number} is on its way`);

    const { origin } = new URL(store.api.storefrontUrl);
    const paths = ['/mails', `/mails/${mail.name}`, `/mails/${mail.name}/html`, '/mails/ntf_nothing.0'];
    const pages = await Promise.all(paths.map((path) => fetch(origin + path, { signal: AbortSignal.timeout(10_000) })));
    assert.deepEqual(
      pages.map(({ status }) => status),
      [200, 200, 200, 404],
    );
    const [all = '', one = '', html = ''] = await Promise.all(pages.map((page) => page.text()));
    assert.ok(all.includes(`href="/mails/${mail.name}"`) && all.includes(`Your order ${number}`));
    assert.ok(one.includes('1 × MUG'));
    assert.match(html, /^\s*<!doctype html>/);
    assert.match(pages[2]?.headers.get('content-security-policy') ?? '', /sandbox/);
    for (const page of pages.slice(0, 3))
      assert.doesNotMatch(page.headers.get('content-security-policy') ?? '', /script-src|unsafe-eval/);
  });

  it('shows operators what was sent, and sends it again when they ask', async () => {
    const order = await placed(store, 2);
    const sent = await waitFor(async () => (await list(order.id)).find(({ status }) => status === 'SENT'), {
      what: 'the mail of the order',
    });
    assert.deepEqual([sent.template, sent.resends], ['ORDER_PLACED', 0]);
    const { notificationResend } = await store.admin<{
      notificationResend: { __typename: string; notification: { status: string; resends: number } };
    }>(RESEND, { id: sent.id });
    assert.deepEqual(notificationResend, { __typename: 'NotificationPayload', notification: { status: 'PENDING', resends: 1 } });
    await waitFor(() => folder.get(`${sent.id.toLowerCase()}.1`), { what: 'the mail again' });
    assert.ok(await folder.get(`${sent.id.toLowerCase()}.0`), 'the first is still there');
    const audited = await store.database.rows<{ actor: string; detail: unknown }>(
      ephemeral("SELECT actor, detail FROM audit_log WHERE action = 'notification.resend' AND subject_id = $1"),
      [order.id],
    );
    assert.deepEqual(audited, [{ actor: 'grace', detail: { notificationId: sent.id, template: 'order_placed' } }]);
    const unknown = await store.admin<{ notificationResend: { code: string } }>(RESEND, { id: newId('notification') });
    assert.equal(unknown.notificationResend.code, 'NOT_FOUND');
  });

  it('sends a mail again when an operator retries its incident, which then closes', async () => {
    const order = await placed(store, 4);
    const sent = await waitFor(async () => (await list(order.id)).find(({ status }) => status === 'SENT'), {
      what: 'the mail of the order',
    });
    // As it stands after a mail server has refused it.
    await store.database.run(
      ephemeral("UPDATE notifications SET status = 'failed', sent_at = NULL, failure = '550' WHERE id = $1"),
      [sent.id],
    );
    const incidentId = newId('incident');
    const { incidents } = createUnitOfWork(store.database).stores;
    await incidents.raise(incidentId, {
      kind: 'notification_failed',
      subjectId: sent.id,
      orderId: order.id,
      cause: '550',
      nextAction: 'Retry',
    });
    const { incidentAct } = await store.admin<{ incidentAct: { __typename: string } }>(RETRY, { id: incidentId });
    assert.equal(incidentAct.__typename, 'IncidentPayload', JSON.stringify(incidentAct));
    await waitFor(() => folder.get(`${sent.id.toLowerCase()}.1`), { what: 'the mail again' });
    const closed = await waitFor(async () => (await incidents.get(incidentId))?.resolution, { what: 'the end of the incident' });
    assert.equal(closed, 'The mail was sent');
  });

  it('shows operators every mail before it is sent', async () => {
    const order = await placed(store, 3);
    const mails = async (): Promise<number> => (await folder.list(50)).length;
    await waitFor(async () => (await list(order.id)).every(({ status }) => status === 'SENT'), { what: 'the mail of the order' });
    const earlier = await mails();
    for (const template of MAIL_TEMPLATES) {
      const { notificationPreview } = await store.admin<{
        notificationPreview: { __typename: string; subject: string; html: string; text: string };
      }>(PREVIEW, {
        template: template.toUpperCase(),
        orderId: order.id,
      });
      assert.equal(notificationPreview.__typename, 'NotificationPreview', template);
      assert.ok(
        notificationPreview.subject !== '' &&
          notificationPreview.html.includes('<!doctype html>') &&
          notificationPreview.text.includes('Ada'),
        template,
      );
    }
    assert.equal(await mails(), earlier);
    const unknown = await store.admin<{ notificationPreview: { code: string } }>(PREVIEW, {
      template: 'ORDER_PLACED',
      orderId: newId('order'),
    });
    assert.equal(unknown.notificationPreview.code, 'NOT_FOUND');
  });
});
