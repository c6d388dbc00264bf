import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { normalizeEmail } from './email.ts';

describe('normalizeEmail', () => {
  it('trims, and lower-cases the domain only', () => {
    assert.equal(normalizeEmail('  Ada.Lovelace+Shop@Example.COM ', 'email'), 'Ada.Lovelace+Shop@example.com');
    assert.equal(normalizeEmail("o'hara_1@mail.example.co.uk", 'email'), "o'hara_1@mail.example.co.uk");
    assert.equal(normalizeEmail('用户@Bücher.example', 'email'), '用户@bücher.example');
    assert.equal(normalizeEmail('a@shop.xn--P1AI', 'email'), 'a@shop.xn--p1ai');
  });

  it('names the field of what cannot be an address', () => {
    const wrong = [
      '', '   ', 'ada', 'ada@', '@example.com', 'ada@example', 'ada@@example.com', 'a@b@example.com', 'ada @example.com',
      'ada@exa mple.com', '.ada@example.com', 'ada.@example.com', 'a..b@example.com', 'ada@.example.com', 'ada@example..com',
      'ada@example.com.', 'ada@-example.com', 'ada@example-.com', 'ada@example.c', 'ada@example.123', 'ada@[127.0.0.1]',
      'ada@exa_mple.com', 'Ada <ada@example.com>', '"ada"@example.com', 'ada\u0000@example.com', 'ada\n@example.com',
      `${'a'.repeat(65)}@example.com`, `ada@${'b'.repeat(64)}.com`, `ada@${'bcd.'.repeat(63)}com`,
    ];
    for (const value of wrong) {
      const error = { code: 'INVALID_INPUT', field: 'customer.email' };
      assert.throws(() => normalizeEmail(value, 'customer.email'), error, JSON.stringify(value));
    }
  });

  it('gives the same for what it gave', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (address) => {
        const once = normalizeEmail(address, 'email');
        assert.equal(normalizeEmail(once, 'email'), once);
        assert.equal(once.toLowerCase(), address.toLowerCase());
      }),
    );
  });
});
