import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { createAddressGuard } from './private-address.ts';

const guard = createAddressGuard([]);

test('public addresses pass', () => {
  const addresses = [
    '8.8.8.8',
    '1.1.1.1',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '198.17.255.255',
    '223.255.255.255',
  ];
  for (const address of [
    ...addresses,
    '2606:4700:4700::1111',
    '2a00:1450:4001:81b::200e',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
    '64:ff9b::808:808',
  ]) {
    assert.equal(guard(address), undefined, address);
  }
});

test('every kind of address that is not public is refused, and named', () => {
  const purposes: Record<string, readonly string[]> = {
    'this network': ['0.0.0.0', '0.255.255.255', '::', '0:0:0:0:0:0:0:0'],
    loopback: [
      '127.0.0.1',
      '127.255.255.255',
      '::1',
      '0:0:0:0:0:0:0:1',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '64:ff9b::127.0.0.1',
    ],
    private: [
      '10.0.0.0',
      '10.255.255.255',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      'fc00::1',
      'fdff:ffff::1',
      '64:ff9b::10.1.2.3',
    ],
    'carrier-grade NAT': ['100.64.0.0', '100.127.255.255'],
    'link-local': ['169.254.0.1', 'fe80::1', 'febf::1', '::ffff:169.254.1.1'],
    'cloud metadata': [
      '169.254.169.254',
      '::ffff:a9fe:a9fe',
      '64:ff9b::a9fe:a9fe',
      'fd00:ec2::254',
      'FD00:EC2:0::254',
      '168.63.129.16',
    ],
    documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
    benchmarking: ['198.18.0.1', '198.19.255.255'],
    'protocol assignments': ['192.0.0.1', '2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    '6to4': ['192.88.99.1', '2002:7f00:1::', '2002:808:808::1'],
    multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
    broadcast: ['255.255.255.255'],
    reserved: [
      '240.0.0.1',
      '255.255.255.254',
      '::127.0.0.1',
      '::ffff:0:127.0.0.1',
      '64:ff9b:1::1',
      '100::1',
      '5f00::1',
      '4000::1',
    ],
  };
  for (const [purpose, addresses] of Object.entries(purposes)) {
    for (const address of addresses) assert.equal(guard(address)?.purpose, purpose, address);
  }
});

test('what cannot be read is refused', () => {
  const texts = [
    '',
    'localhost',
    '127.1',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '2130706433',
    '1.2.3.256',
    '1.2.3.4.5',
    'fe80::1%eth0',
    '[::1]',
  ];
  for (const text of [
    ...texts,
    '1::2::3',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '::1.2.3',
    '1.2.3.4::',
    ' 8.8.8.8',
    '12345::',
  ]) {
    assert.deepEqual(guard(text), { purpose: 'unreadable' }, text);
  }
});

test('an allowed network is let through, however its addresses are written, and nothing beside it', () => {
  const allowing = createAddressGuard(['10.1.0.0/16', 'fd12::/16', '127.0.0.1']);
  for (const address of ['10.1.0.1', '::ffff:10.1.255.255', '64:ff9b::10.1.0.1', 'fd12:3::1', '127.0.0.1']) {
    assert.equal(allowing(address), undefined, address);
  }
  for (const address of ['10.0.255.255', '10.2.0.0', 'fd13::1', '127.0.0.2', '::1'])
    assert.notEqual(allowing(address), undefined, address);
});

test('a cloud metadata service is refused though everything is allowed', () => {
  const allowing = createAddressGuard(['0.0.0.0/0', '::/0']);
  assert.equal(allowing('192.168.0.1'), undefined);
  assert.equal(allowing('::1'), undefined);
  for (const address of ['169.254.169.254', '::ffff:169.254.169.254', 'fd00:ec2::254']) {
    assert.deepEqual(allowing(address), { purpose: 'cloud metadata' }, address);
  }
});

test('all of IPv6 does not include IPv4', () => {
  assert.notEqual(createAddressGuard(['::/0'])('127.0.0.1'), undefined);
});

test('a network that cannot be read is an error', () => {
  for (const network of [
    '',
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0.1/8',
    'fd00::1/8',
    '10.0.0.0/',
    'example.com',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
  ]) {
    assert.throws(() => createAddressGuard([network]), { code: 'INVALID_INPUT', field: 'allowedNetworks' }, network);
  }
});

const ipv4Text = (value: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
const ipv6Text = (value: bigint): string =>
  [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n].map((shift) => ((value >> shift) & 0xffffn).toString(16)).join(':');

test("agrees with Node's own reading of addresses and networks", () => {
  for (const { family, width, text } of [
    { family: 'ipv4', width: 32, text: ipv4Text },
    { family: 'ipv6', width: 128, text: ipv6Text },
  ] as const) {
    const value = fc.bigInt({ min: 0n, max: (1n << BigInt(width)) - 1n });
    const bit = fc.integer({ min: 0, max: width - 1 });
    fc.assert(
      fc.property(value, fc.integer({ min: 0, max: width }), bit, (start, bits, flipped) => {
        const hostBits = BigInt(width - bits);
        const network = text((start >> hostBits) << hostBits);
        const candidate = text(start ^ (1n << BigInt(flipped)));
        const list = new BlockList();
        list.addSubnet(network, bits, family);
        const expected = list.check(candidate, family) ? undefined : guard(candidate);
        const refused = createAddressGuard([`${network}/${bits}`])(candidate);
        if (refused?.purpose !== 'cloud metadata') assert.deepEqual(refused, expected, `${candidate} in ${network}/${bits}`);
      }),
      { numRuns: 1_000 },
    );
  }
});

test('an IPv6 address means the same with its zeros left out', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const { hostname } = new URL(`http://[${address}]/`);
      assert.deepEqual(guard(address), guard(hostname.slice(1, -1)), address);
    }),
  );
});
