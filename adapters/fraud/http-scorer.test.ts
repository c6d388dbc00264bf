import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import type { ScorerFacts } from '../../domain/checkout/fraud/fraud-scorer.ts';
import { createHttpScorer, signature } from './http-scorer.ts';

const SECRET = 'a-secret-of-this-test';
const facts: ScorerFacts = {
  checkoutId: 'chk_1',
  facts: { amount: 5_000, 'card.country': 'DE' },
  keys: { email: 'e', address: 'a', network: 'n' },
};

let closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers) await close();
  closers = [];
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/score`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const scorerAt = (url: string, timeoutMs = 2_000) =>
  createHttpScorer({ url, secret: SECRET, timeoutMs, now: () => new Date(1_700_000_000_000) });
const answering = (body: unknown, status = 200) =>
  serve((_, response) => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)));

describe('the HTTP scorer', () => {
  it('sends the facts in one signed request and takes the score', async () => {
    let seen: { signature: string | string[] | undefined; body: string } | undefined;
    const url = await serve((request, response) => {
      void bodyOf(request).then((body) => {
        seen = { signature: request.headers['headlesspro-signature'], body };
        response.end(JSON.stringify({ score: 71.5, reasons: ['new\ndevice', ' '] }));
      });
    });
    assert.deepEqual(await scorerAt(url).score(facts), { score: 71.5, reasons: ['new device'] });
    assert.deepEqual(JSON.parse(seen?.body ?? ''), facts);
    assert.equal(seen?.signature, signature(SECRET, 1_700_000_000, seen?.body ?? ''));
    assert.notEqual(seen?.signature, signature('another-secret-of-it', 1_700_000_000, seen?.body ?? ''));
  });

  it('is named by its host alone', () => {
    assert.equal(
      createHttpScorer({ url: 'https://user:word@risk.example/a?key=1', secret: SECRET, timeoutMs: 1 }).name,
      'risk.example',
    );
  });

  it('has no answer when the service fails, is slow, or says what cannot be used', async () => {
    await assert.rejects(scorerAt(await answering({ score: 1 }, 500)).score(facts), /500/);
    for (const wrong of [{}, { score: 101 }, { score: -1 }, { score: '5' }, { score: null }, { score: 5, reasons: 'many' }, []]) {
      await assert.rejects(scorerAt(await answering(wrong)).score(facts), JSON.stringify(wrong));
    }
    await assert.rejects(scorerAt(await answering({ score: 5, padding: 'x'.repeat(70_000) })).score(facts), /too much/);
    await assert.rejects(scorerAt(await serve(() => undefined), 50).score(facts), { name: 'TimeoutError' });
    // Headers in time and a body that never ends.
    await assert.rejects(scorerAt(await serve((_, response) => void response.writeHead(200).write('{')), 50).score(facts), {
      name: 'TimeoutError',
    });
  });

  it('hands the facts to nobody else: a redirect is a failure', async () => {
    const elsewhere = await serve(() => assert.fail('the facts went elsewhere'));
    await assert.rejects(
      scorerAt(await serve((_, response) => void response.writeHead(307, { location: elsewhere }).end())).score(facts),
    );
  });
});
