import assert from 'node:assert/strict';
import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { isReservedHeader, type WebhookRequest } from '../../domain/webhooks/webhook-sender.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { issueCertificate } from '../../tests/webhooks/certificates.ts';
import { httpEndpoint, httpsEndpoint, rawEndpoint } from '../../tests/webhooks/local-endpoint.ts';
import { createWebhookSender, type WebhookSenderOptions } from './webhook-sender.ts';

type Sender = ReturnType<typeof createWebhookSender>;

const openSockets = (): number => process.getActiveResourcesInfo().filter((type) => type === 'TCPSocketWrap').length;

/** A sender that may reach this machine. Whatever a test did with it, no connection outlives it. */
function startSender(t: TestContext, options: Partial<WebhookSenderOptions> = {}): Sender {
  const sender = createWebhookSender({ allowedNetworks: ['127.0.0.1'], allowHttp: true, ...options });
  t.after(async () => {
    sender.close();
    await waitFor(() => openSockets() === 0, { what: 'the last connection to be closed', everyMs: 10 });
  });
  return sender;
}

const request = (url: string, rest: Partial<WebhookRequest> = {}): WebhookRequest => ({
  url,
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"type":"order.placed"}',
  timeoutMs: 10_000,
  maxResponseBytes: 1_000,
  authentication: { type: 'none' },
  ...rest,
});

const local = (port: number): string => `http://127.0.0.1:${port}/hook`;

/** Answers everything with 200 and remembers it. */
function recorder(): { listener: RequestListener; received: { url: string; headers: IncomingHttpHeaders; body: string }[] } {
  const received: { url: string; headers: IncomingHttpHeaders; body: string }[] = [];
  return {
    received,
    listener: async (incoming, answer) => {
      received.push({ url: incoming.url ?? '', headers: incoming.headers, body: await text(incoming) });
      answer.end('thanks');
    },
  };
}

/** Answers when the head of a request has come, as those do who read what they are asked. */
const afterRequest = (talk: (socket: Socket) => void) => (socket: Socket) => void socket.once('data', () => talk(socket));

test('posts the body as it is and tells what was answered', async (t) => {
  const { listener, received } = recorder();
  const endpoint = await httpEndpoint(t, (incoming, answer) => {
    answer.setHeader('retry-after', '7').setHeader('x-request-id', 'r1').setHeader('set-cookie', 'a=b').setHeader('x-other', '1');
    listener(incoming, answer);
  });
  const body = '{"name":"Žofie 🚲"}';
  const answer = await startSender(t).send(
    request(`${local(endpoint.port)}?a=1`, { body, headers: { 'X-Shop': '1', 'content-type': 'text/x' } }),
  );
  assert.ok(answer.kind === 'answered');
  const { date, ...headers } = answer.headers;
  assert.deepEqual(headers, { 'retry-after': '7', 'x-request-id': 'r1', 'content-length': '6' });
  assert.ok(date !== undefined);
  assert.deepEqual(
    { ...answer, headers: {}, durationMs: 0 },
    { kind: 'answered', status: 200, headers: {}, body: 'thanks', truncated: false, durationMs: 0, remoteAddress: '127.0.0.1' },
  );
  assert.ok(answer.durationMs >= 0 && answer.durationMs < 10_000);
  const [{ url, headers: sent, body: got } = { url: '', headers: {}, body: '' }] = received;
  assert.equal(got, body);
  assert.equal(url, '/hook?a=1');
  assert.equal(sent['x-shop'], '1');
  assert.equal(sent['content-type'], 'text/x');
  assert.equal(sent['accept-encoding'], 'identity');
  assert.equal(sent['content-length'], String(Buffer.byteLength(body)));
  assert.equal(sent['authorization'], undefined);
});

test('every status is an answer, and a redirect leads nowhere', async (t) => {
  const secret = await httpEndpoint(t, recorder().listener);
  const sender = startSender(t);
  for (const status of [201, 204, 302, 307, 400, 410, 429, 500, 503]) {
    const endpoint = await httpEndpoint(
      t,
      (_incoming, answer) => void answer.writeHead(status, { location: local(secret.port) }).end(),
    );
    const answer = await sender.send(request(local(endpoint.port)));
    assert.ok(answer.kind === 'answered');
    assert.equal(answer.status, status);
    assert.equal(answer.headers['location'], local(secret.port));
  }
  assert.equal(secret.connections(), 0);
});

test('authenticates by basic and bearer, over a header of the same name', async (t) => {
  const { listener, received } = recorder();
  const endpoint = await httpEndpoint(t, listener);
  const sender = startSender(t);
  const headers = { Authorization: 'own' };
  await sender.send(request(local(endpoint.port), { headers }));
  await sender.send(
    request(local(endpoint.port), { headers, authentication: { type: 'basic', username: 'ü', password: 'p:w' } }),
  );
  await sender.send(request(local(endpoint.port), { headers, authentication: { type: 'bearer', token: 'abc' } }));
  assert.deepEqual(
    received.map(({ headers }) => headers.authorization),
    ['own', `Basic ${Buffer.from('ü:p:w').toString('base64')}`, 'Bearer abc'],
  );
  const refused = await sender.send(request(local(endpoint.port), { authentication: { type: 'bearer', token: 'a\r\nx: 1' } }));
  assert.ok(refused.kind === 'refused' && refused.reason === 'invalid_header');
  assert.equal(received.length, 3);
});

test('keeps connections for the next request', async (t) => {
  const endpoint = await httpEndpoint(t, recorder().listener);
  const sender = startSender(t);
  for (let index = 0; index < 5; index += 1) assert.equal((await sender.send(request(local(endpoint.port)))).kind, 'answered');
  assert.equal(endpoint.connections(), 1);
});

test('sends again when a kept connection has been closed meanwhile', async (t) => {
  let requests = 0;
  const endpoint = await rawEndpoint(t, (socket) => {
    let first = true;
    socket.on('data', () => {
      requests += 1;
      if (first) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      else socket.resetAndDestroy();
      first = false;
    });
  });
  const sender = startSender(t);
  for (let index = 0; index < 2; index += 1) {
    const answer = await sender.send(request(local(endpoint.port)));
    assert.ok(answer.kind === 'answered' && answer.status === 200, JSON.stringify(answer));
  }
  assert.equal(requests, 3);
  assert.equal(endpoint.connections(), 2);
});

test('opens only so many connections to a host; who waits in vain gives up in time', async (t) => {
  const endpoint = await rawEndpoint(t, () => {});
  const sender = startSender(t, { maxSocketsPerHost: 2 });
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => sender.send(request(local(endpoint.port), { timeoutMs: 300 }))));
  for (const answer of answers) assert.ok(answer.kind === 'failed' && answer.reason === 'timeout', JSON.stringify(answer));
  assert.ok(endpoint.openSockets() <= 2, String(endpoint.openSockets()));
});

test('an endpoint that hangs does not hold up another', async (t) => {
  const hanging = await rawEndpoint(t, () => {});
  const sound = await httpEndpoint(t, recorder().listener);
  const sender = startSender(t, { maxSocketsPerHost: 1 });
  const late = sender.send(request(local(hanging.port), { timeoutMs: 1_000 }));
  const answer = await sender.send(request(local(sound.port)));
  assert.equal(answer.kind, 'answered');
  assert.equal((await late).kind, 'failed');
});

test('refuses what is no endpoint before anything is sent', async (t) => {
  const sender = startSender(t, { allowedNetworks: [], allowHttp: false });
  const cases: [string, string][] = [
    ['', 'invalid_url'],
    ['/hook', 'invalid_url'],
    ['https://', 'invalid_url'],
    ['https://1.2.3.4.5/', 'invalid_url'],
    [`https://example.com/${'a'.repeat(2_048)}`, 'invalid_url'],
    ['http://example.com/', 'scheme_not_allowed'],
    ['ftp://example.com/', 'scheme_not_allowed'],
    ['file:///etc/passwd', 'scheme_not_allowed'],
    ['https://user@example.com/', 'credentials_in_url'],
    ['https://:password@example.com/', 'credentials_in_url'],
    ['https://example.com:22/', 'blocked_port'],
    ['https://example.com:6379/', ''],
    ['https://example.com:8443/', ''],
    ['https://169.254.169.254/latest/meta-data', 'blocked_address'],
    ['https://127.0.0.1/', 'blocked_address'],
    ['https://127.1/', 'blocked_address'],
    ['https://2130706433/', 'blocked_address'],
    ['https://0x7f.1/', 'blocked_address'],
    ['https://0177.0.0.1/', 'blocked_address'],
    ['https://0/', 'blocked_address'],
    ['https://[::1]/', 'blocked_address'],
    ['https://[::ffff:127.0.0.1]/', 'blocked_address'],
    ['https://[::]/', 'blocked_address'],
    ['https://[64:ff9b::a9fe:a9fe]/', 'blocked_address'],
    ['https://[fd00:ec2::254]/', 'blocked_address'],
    ['https://１２７.０.０.１/', 'blocked_address'],
  ];
  for (const [url, reason] of cases) {
    const refused = sender.check(url);
    assert.equal(refused?.reason ?? '', reason, url);
    if (refused !== undefined) assert.deepEqual(await sender.send(request(url)), refused, url);
  }
});

test('refuses headers that are ours, or that HTTP does not carry, without telling their values', async (t) => {
  const endpoint = await httpEndpoint(t, recorder().listener);
  const sender = startSender(t);
  const cases: [string, string, string][] = [
    ['Host', 'internal', 'reserved_header'],
    ['Transfer-Encoding', 'chunked', 'reserved_header'],
    ['content-length', '5', 'reserved_header'],
    ['Accept-Encoding', 'gzip', 'reserved_header'],
    ['x-key', 'hidden\r\nx-evil: 1', 'invalid_header'],
    ['x-key', 'hidden 🚲', 'invalid_header'],
    ['x key', 'hidden', 'invalid_header'],
    ['', 'hidden', 'invalid_header'],
  ];
  for (const [name, value, reason] of cases) {
    const answer = await sender.send(request(local(endpoint.port), { headers: { [name]: value } }));
    assert.ok(answer.kind === 'refused' && answer.reason === reason, `${name}: ${JSON.stringify(answer)}`);
    assert.ok(!answer.message.includes('hidden'));
  }
  assert.ok(isReservedHeader('HOST'));
  assert.equal(endpoint.connections(), 0);
});

test('checks every address of a name when it connects', async (t) => {
  const endpoint = await httpEndpoint(t, recorder().listener);
  const url = `http://hooks.example:${endpoint.port}/`;
  const addresses = [
    '127.0.0.1',
    '::1',
    '::ffff:127.0.0.1',
    '10.0.0.5',
    '169.254.169.254',
    'fd00:ec2::254',
    'fe80::1%eth0',
    '64:ff9b::7f00:1',
    'x',
  ];
  for (const address of addresses) {
    for (const found of [[address], ['8.8.8.8', address]]) {
      const answer = await startSender(t, { allowedNetworks: [], resolve: async () => found }).send(request(url));
      assert.ok(answer.kind === 'refused' && answer.reason === 'blocked_address', `${address}: ${JSON.stringify(answer)}`);
      assert.ok(answer.message.startsWith('hooks.example has'), answer.message);
      assert.doesNotMatch(answer.message, /10\.0\.0\.5|169\.254\.169/, 'what a name means inside is not told');
    }
  }
  assert.equal(endpoint.connections(), 0);
});

test('a name that changes its address between two looks gains nothing: there is one look for each connection', async (t) => {
  const endpoint = await httpEndpoint(t, (_incoming, answer) => void answer.writeHead(200, { connection: 'close' }).end());
  let looks = 0;
  // First to where we may go, then to where we may not.
  const resolve = async (): Promise<string[]> => [(looks += 1) === 1 ? '127.0.0.1' : '127.0.0.2'];
  const sender = startSender(t, { resolve });
  const url = `http://rebinding.example:${endpoint.port}/`;
  const first = await sender.send(request(url));
  assert.ok(first.kind === 'answered' && first.remoteAddress === '127.0.0.1', JSON.stringify(first));
  assert.equal(looks, 1);
  const second = await sender.send(request(url));
  assert.ok(second.kind === 'refused' && second.reason === 'blocked_address', JSON.stringify(second));
  assert.equal(looks, 2);
  assert.equal(endpoint.connections(), 1);
});

test('goes on to the next address when one does not answer', async (t) => {
  const endpoint = await httpEndpoint(t, recorder().listener);
  const sender = startSender(t, { allowedNetworks: ['127.0.0.0/8'], resolve: async () => ['127.0.0.2', '127.0.0.1'] });
  const answer = await sender.send(request(`http://two.example:${endpoint.port}/`));
  assert.ok(answer.kind === 'answered' && answer.remoteAddress === '127.0.0.1', JSON.stringify(answer));
});

test('a name without an address, and one that takes too long to look up', async (t) => {
  const none = startSender(t, { resolve: async () => [] });
  const unknown = startSender(t, { resolve: async () => Promise.reject(new Error('no such name')) });
  for (const sender of [none, unknown]) {
    const answer = await sender.send(request('https://nowhere.example/'));
    assert.ok(answer.kind === 'failed' && answer.reason === 'dns', JSON.stringify(answer));
  }
  const hanging = startSender(t, { resolve: () => new Promise(() => {}) });
  const answer = await hanging.send(request('https://nowhere.example/', { timeoutMs: 50 }));
  assert.ok(answer.kind === 'failed' && answer.reason === 'timeout', JSON.stringify(answer));
});

test('nobody listens', async (t) => {
  const sender = startSender(t);
  let port = 0;
  await t.test('a port that was just free', async (inner) => {
    ({ port } = await httpEndpoint(inner, recorder().listener));
  });
  const answer = await sender.send(request(local(port)));
  assert.ok(answer.kind === 'failed' && answer.reason === 'connection', JSON.stringify(answer));
  assert.equal(answer.message, 'The connection to 127.0.0.1 failed (ECONNREFUSED)');
});

test('a gigabyte is cut, and the connection closed', async (t) => {
  const GIGABYTE = 2 ** 30;
  let written = 0;
  const endpoint = await httpEndpoint(t, (_incoming, answer) => {
    const block = Buffer.alloc(65_536, 'x');
    answer.writeHead(200, { 'content-length': GIGABYTE });
    const more = (): void => {
      while (!answer.destroyed && written < GIGABYTE) {
        written += block.length;
        if (!answer.write(block)) return void answer.once('drain', more);
      }
    };
    more();
  });
  const answer = await startSender(t).send(request(local(endpoint.port), { maxResponseBytes: 10_000 }));
  assert.ok(answer.kind === 'answered' && answer.status === 200);
  assert.equal(answer.truncated, 'too_long');
  assert.equal(answer.body, 'x'.repeat(10_000));
  await waitFor(() => endpoint.openSockets() === 0, { what: 'the connection to be closed' });
  assert.ok(written < GIGABYTE / 10, `${written} bytes were taken`);
});

test('keeps whole characters up to the length asked for, and replaces what cannot be stored', async (t) => {
  const sender = startSender(t);
  const cases = [
    { sent: Buffer.from('12345'), kept: '12345', truncated: false },
    { sent: Buffer.from('123456'), kept: '12345', truncated: 'too_long' },
    { sent: Buffer.from('123🚲'), kept: '123', truncated: 'too_long' },
    { sent: Buffer.from('a\0b'), kept: 'a\uFFFDb', truncated: false },
    { sent: Buffer.from([0x61, 0xff, 0x62]), kept: 'a\uFFFDb', truncated: false },
  ];
  for (const { sent, kept, truncated } of cases) {
    const endpoint = await httpEndpoint(t, (_incoming, answer) => void answer.end(sent));
    const answer = await sender.send(request(local(endpoint.port), { maxResponseBytes: 5 }));
    assert.ok(answer.kind === 'answered');
    assert.deepEqual([answer.body, answer.truncated], [kept, truncated]);
  }
});

test('a compressed answer is not unpacked', async (t) => {
  const bomb = Buffer.alloc(200, 1);
  const endpoint = await httpEndpoint(
    t,
    (_incoming, answer) => void answer.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
  );
  const answer = await startSender(t).send(request(local(endpoint.port)));
  assert.ok(answer.kind === 'answered');
  assert.equal(answer.body, bomb.toString());
});

/** Sends a piece every few milliseconds for as long as somebody listens. */
function drip(socket: Socket, piece: string): void {
  const timer = setInterval(() => socket.write(piece), 5);
  socket.once('close', () => clearInterval(timer));
}

test('everything is over at the deadline, however the endpoint spends the time', async (t) => {
  const sender = startSender(t);
  const failures: Record<string, (socket: Socket) => void> = {
    'hangs before answering': () => {},
    'drips its status line': (socket) => {
      socket.write('HTTP/1.1 200 ');
      drip(socket, 'O');
    },
    'drips headers': (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      drip(socket, 'x: 1\r\n');
    },
  };
  for (const [what, talk] of Object.entries(failures)) {
    const endpoint = await rawEndpoint(t, talk);
    const startedAt = performance.now();
    const answer = await sender.send(request(local(endpoint.port), { timeoutMs: 200 }));
    assert.ok(answer.kind === 'failed' && answer.reason === 'timeout', `${what}: ${JSON.stringify(answer)}`);
    assert.ok(performance.now() - startedAt < 2_000, what);
    await waitFor(() => endpoint.openSockets() === 0, { what: `${what}: the connection to be closed` });
  }
  const endpoint = await rawEndpoint(t, (socket) => {
    socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 1000\r\n\r\n');
    drip(socket, '.');
  });
  const answer = await sender.send(request(local(endpoint.port), { timeoutMs: 200 }));
  assert.ok(answer.kind === 'answered', JSON.stringify(answer));
  assert.equal(answer.status, 202);
  assert.equal(answer.truncated, 'too_slow');
  assert.match(answer.body, /^\.*$/);
  assert.ok(answer.durationMs >= 190 && answer.durationMs < 2_000, String(answer.durationMs));
  await waitFor(() => endpoint.openSockets() === 0, { what: 'the connection to be closed' });
});

test('what is no answer to a POST is told apart', async (t) => {
  const sender = startSender(t);
  const cases: [string, (socket: Socket) => void, 'protocol' | 'connection'][] = [
    ['not HTTP', afterRequest((socket) => socket.write('SSH-2.0-OpenSSH_9.9\r\n')), 'protocol'],
    ['before it was asked', (socket) => socket.write('220 mail.example ESMTP\r\n'), 'protocol'],
    ['endless headers', afterRequest((socket) => socket.write(`HTTP/1.1 200 OK\r\n${'x: 1\r\n'.repeat(10_000)}`)), 'protocol'],
    ['one endless header', afterRequest((socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'1'.repeat(100_000)}`)), 'protocol'],
    [
      'two lengths',
      afterRequest((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n')),
      'protocol',
    ],
    ['only "wait"', afterRequest((socket) => drip(socket, 'HTTP/1.1 102 Processing\r\n\r\n')), 'protocol'],
    [
      'an upgrade',
      afterRequest((socket) => socket.write('HTTP/1.1 101 Go\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nabc')),
      'protocol',
    ],
    ['goes away', afterRequest((socket) => socket.end()), 'connection'],
    ['resets', afterRequest((socket) => socket.resetAndDestroy()), 'connection'],
  ];
  for (const [what, talk, reason] of cases) {
    const endpoint = await rawEndpoint(t, talk);
    const answer = await sender.send(request(local(endpoint.port)));
    assert.ok(answer.kind === 'failed' && answer.reason === reason, `${what}: ${JSON.stringify(answer)}`);
    await waitFor(() => endpoint.openSockets() === 0, { what: `${what}: the connection to be closed` });
  }
});

test('an answer that is cut off, or comes before everything was read, is an answer', async (t) => {
  const sender = startSender(t);
  const cutOff = await rawEndpoint(
    t,
    afterRequest((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc')),
  );
  const half = await sender.send(request(local(cutOff.port)));
  assert.ok(half.kind === 'answered', JSON.stringify(half));
  assert.deepEqual([half.status, half.body, half.truncated], [200, 'abc', 'cut_off']);

  let unread: Socket | undefined;
  const early = await rawEndpoint(
    t,
    afterRequest((socket) => {
      unread = socket.pause();
      socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n');
    }),
  );
  const refused = await sender.send(request(local(early.port), { body: 'x'.repeat(50_000_000) }));
  assert.ok(refused.kind === 'answered' && refused.status === 413, JSON.stringify(refused));
  assert.equal(refused.truncated, false);
  await waitFor(() => openSockets() === 1, { what: 'our side to be closed, though the other has not read everything' });
  unread?.resume();
});

test('bytes of any kind are bounded in time and answered for', async (t) => {
  const sender = startSender(t);
  let said = Buffer.alloc(0);
  const endpoint = await rawEndpoint(
    t,
    afterRequest((socket) => socket.end(said)),
  );
  const statusLine = fc.constantFrom(
    '',
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.0 500 \r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n',
  );
  await fc.assert(
    fc.asyncProperty(statusLine, fc.uint8Array({ maxLength: 200 }), async (start, rest) => {
      said = Buffer.concat([Buffer.from(start), rest]);
      const answer = await sender.send(request(local(endpoint.port), { timeoutMs: 5_000 }));
      assert.ok(answer.kind === 'answered' || (answer.kind === 'failed' && ['protocol', 'connection'].includes(answer.reason)));
    }),
    { numRuns: 200 },
  );
  await waitFor(() => endpoint.openSockets() === 0, { what: 'all connections to be closed' });
});

test('TLS', async (t) => {
  const authority = issueCertificate({ name: 'Authority of the test' });
  const server = issueCertificate({ name: 'hooks.example', issuer: authority });
  const client = issueCertificate({ name: 'us', issuer: authority });
  const hooks = (port: number, host = 'hooks.example'): string => `https://${host}:${port}/`;
  const sender = startSender(t, { resolve: async () => ['127.0.0.1'] });
  const { certificate, key } = client;
  const ours = { certificate, key, certificateAuthority: authority.certificate };
  const plain = await httpsEndpoint(t, { cert: server.certificate, key: server.key }, recorder().listener);

  await t.test('an endpoint whose authority nobody vouches for', async () => {
    const answer = await sender.send(request(hooks(plain.port)));
    assert.ok(answer.kind === 'failed' && answer.reason === 'tls', JSON.stringify(answer));
    assert.match(answer.message, /UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY/);
  });

  await t.test('a certificate for another name', async () => {
    const answer = await sender.send(request(hooks(plain.port, 'other.example'), { clientCertificate: ours }));
    assert.ok(answer.kind === 'failed' && answer.reason === 'tls', JSON.stringify(answer));
    assert.match(answer.message, /ERR_TLS_CERT_ALTNAME_INVALID/);
  });

  await t.test('an expired certificate', async (inner) => {
    const [notBefore, notAfter] = [new Date('2020-01-01'), new Date('2021-01-01')];
    const expired = issueCertificate({ name: 'hooks.example', issuer: authority, notBefore, notAfter });
    const endpoint = await httpsEndpoint(inner, { cert: expired.certificate, key: expired.key }, recorder().listener);
    const answer = await sender.send(request(hooks(endpoint.port), { clientCertificate: ours }));
    assert.ok(answer.kind === 'failed' && answer.reason === 'tls', JSON.stringify(answer));
    assert.match(answer.message, /CERT_HAS_EXPIRED/);
  });

  await t.test('no TLS at all, and TLS that is too old', async (inner) => {
    const http = await httpEndpoint(inner, recorder().listener);
    const old = await httpsEndpoint(
      inner,
      { cert: server.certificate, key: server.key, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      recorder().listener,
    );
    for (const { port } of [http, old]) {
      const answer = await sender.send(request(hooks(port), { clientCertificate: ours }));
      assert.ok(answer.kind === 'failed' && answer.reason === 'tls', JSON.stringify(answer));
    }
  });

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    await t.test(`an endpoint that wants to see our certificate, ${maxVersion}`, async (inner) => {
      const shown: string[] = [];
      const { certificate: cert, key: serverKey } = server;
      const endpoint = await httpsEndpoint(
        inner,
        { cert, key: serverKey, ca: authority.certificate, requestCert: true, rejectUnauthorized: true, maxVersion },
        (incoming, answer) => {
          if ('getPeerCertificate' in incoming.socket) shown.push('seen');
          answer.end();
        },
      );
      const accepted = await sender.send(request(hooks(endpoint.port), { clientCertificate: ours }));
      assert.ok(accepted.kind === 'answered', JSON.stringify(accepted));
      assert.deepEqual(shown, ['seen']);

      const stranger = issueCertificate({ name: 'somebody', issuer: issueCertificate({ name: 'Another authority' }) });
      const theirs = { certificate: stranger.certificate, key: stranger.key, certificateAuthority: authority.certificate };
      const refused = await sender.send(request(hooks(endpoint.port), { clientCertificate: theirs }));
      // With TLS 1.3 the refusal comes behind the handshake, and sometimes after the connection is gone.
      assert.ok(refused.kind === 'failed' && ['tls', 'connection'].includes(refused.reason), JSON.stringify(refused));

      const without = await sender.send(request(hooks(endpoint.port)));
      assert.equal(without.kind, 'failed');
      assert.equal(shown.length, 1, 'a connection is not shared with those who show another certificate');
    });
  }

  await t.test('a certificate that cannot be read, or belongs to another key', async () => {
    const { key: otherKey } = issueCertificate({ name: 'other', issuer: authority });
    for (const clientCertificate of [
      { ...ours, certificate: 'no PEM' },
      { ...ours, key: otherKey },
      { ...ours, key: 'no PEM' },
    ]) {
      const answer = await sender.send(request(hooks(plain.port), { clientCertificate }));
      assert.ok(answer.kind === 'refused' && answer.reason === 'invalid_client_certificate', JSON.stringify(answer));
    }
  });
});

test('a network that cannot be read stops the start', () => {
  assert.throws(() => createWebhookSender({ allowedNetworks: ['10.0.0.1/8'], allowHttp: false }), { code: 'INVALID_INPUT' });
});
