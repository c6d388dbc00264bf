import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { clientAddress } from './client-address.ts';

const request = (forwarded?: string) => ({
  headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  socket: { remoteAddress: '10.0.0.9' } as Socket,
});

test('nobody is believed about an address unless proxies are trusted', () => {
  assert.equal(clientAddress(request('1.1.1.1'), 0), '10.0.0.9');
});

test('the client is as many addresses from the right as proxies are trusted', () => {
  assert.equal(clientAddress(request('6.6.6.6, 1.1.1.1'), 1), '1.1.1.1');
  assert.equal(clientAddress(request('6.6.6.6, 1.1.1.1, 10.0.0.2'), 2), '1.1.1.1');
  assert.equal(clientAddress(request('1.1.1.1'), 3), '1.1.1.1');
  assert.equal(clientAddress(request(), 1), '10.0.0.9');
});
