import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import express from 'express';
import { DEMO_PRODUCTS } from '../../scripts/seed/demo-products.ts';
import { drawProductImage } from './product-images/draw-product-image.ts';
import { productImages } from './product-images.ts';

let server: Server;
let url: string;

before(async () => {
  server = createServer(express().use(productImages()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(() => server.close());

const get = (path: string): Promise<Response> => fetch(url + path, { signal: AbortSignal.timeout(5_000) });

test('a product image is SVG that may be cached and shown by any site', async () => {
  const response = await get('/images/products/enamel-mug.svg');
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^image\/svg\+xml/);
  assert.match(response.headers.get('cache-control') ?? '', /max-age/);
  assert.equal(response.headers.get('cross-origin-resource-policy'), 'cross-origin');
  assert.equal(await response.text(), drawProductImage('enamel-mug', 'Enamel Mug'));
});

for (const name of ['Enamel.svg', 'a--b.svg', 'mug.png', '..%2Fmug.svg', `${'a'.repeat(101)}.svg`, '%3Cscript%3E.svg']) {
  test(`${name.slice(0, 20)} is no product image`, async () => {
    assert.equal((await get(`/images/products/${name}`)).status, 404);
  });
}

test('every demo product has a picture that tells it from most others, without text that could be markup', () => {
  const pictures = DEMO_PRODUCTS.map(({ handle, title }) => drawProductImage(handle, title).replaceAll(title, ''));
  assert.ok(new Set(pictures).size > pictures.length * 0.9);
  assert.ok(!drawProductImage('mug', '<script>"&').includes('<script'));
});
