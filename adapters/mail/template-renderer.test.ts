import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { composeMail } from '../../domain/orders/notifications/compose-mail.ts';
import type { MailContent } from '../../domain/orders/notifications/mail-content.ts';
import { MAIL_TEMPLATES, type MailTemplate } from '../../domain/orders/notifications/mail-template.ts';
import { samplePayload } from '../../domain/orders/notifications/sample-payload.ts';
import type { CheckoutRecord } from '../../domain/checkout/checkout-store.ts';
import type { Order } from '../../domain/orders/order.ts';
import { SAMPLE_ORDER } from '../../tests/support/sample-order.ts';
import { createMailFormat } from './mail-format.ts';
import { createTemplateRenderer } from './template-renderer.ts';
import { DEFAULT_LANGUAGE, MAIL_TEXTS, placeholdersOf } from './texts.ts';

const NOW = new Date('2026-11-02T10:00:00Z');
const SHOP = { name: 'Mugs & Hats', url: 'https://shop.example' };
const LANGUAGES = Object.keys(MAIL_TEXTS);
const renderer = createTemplateRenderer();

/** A payment of the order's articles that waits for the customer. */
const checkoutOf = (order: Order): CheckoutRecord =>
  ({
    status: 'action_required',
    currency: order.currency,
    total: order.total,
    holdExpiresAt: NOW,
    answer: { kind: 'action_required', action: { url: 'https://bank.example/challenge' } },
    snapshot: { email: order.email, shippingAddress: order.shippingAddress, lines: order.lines },
  }) as unknown as CheckoutRecord;

function contentOf(
  template: MailTemplate,
  order: Order = SAMPLE_ORDER,
  payload: unknown = samplePayload(template, order, NOW),
): MailContent {
  const channel = { captureMode: 'automatic', storefrontUrl: SHOP.url } as const;
  const composed = composeMail(template, { payload, occurredAt: NOW, order, checkout: checkoutOf(order), channel });
  assert.ok(composed);
  return composed.content;
}

/** Every text by its path, as `mails.order_placed.subject`. */
function flat(texts: object, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(texts) as [string, unknown][]) {
    if (typeof value === 'string') found.set(path + key, value);
    else if (typeof value === 'object' && value !== null)
      for (const [inner, text] of flat(value, `${path}${key}.`)) found.set(inner, text);
  }
  return found;
}

describe('the texts of mails', () => {
  const reference = flat(MAIL_TEXTS[DEFAULT_LANGUAGE] ?? {});

  it('are there for every mail', () => {
    for (const template of MAIL_TEMPLATES)
      for (const key of ['subject', 'heading', 'intro']) assert.ok(reference.has(`mails.${template}.${key}`), template);
    assert.ok(LANGUAGES.length >= 2);
  });

  for (const language of LANGUAGES) {
    it(`say the same in ${language}, with the same placeholders`, () => {
      const texts = flat(MAIL_TEXTS[language] ?? {});
      assert.deepEqual([...texts.keys()].sort(), [...reference.keys()].sort());
      for (const [key, text] of texts) {
        assert.notEqual(text.trim(), '', key);
        assert.deepEqual(placeholdersOf(text).sort(), placeholdersOf(reference.get(key) ?? '').sort(), key);
      }
    });
  }
});

describe('a mail is written', () => {
  for (const language of LANGUAGES) {
    for (const template of MAIL_TEMPLATES) {
      it(`${template} in ${language}`, () => {
        const content = contentOf(template);
        const mail = renderer.render(content, { locale: language, shop: SHOP });
        assert.equal(mail.locale, language);
        for (const part of [mail.subject, mail.html, mail.text]) {
          assert.doesNotMatch(part, /\{\w*\}|\{\{|undefined|null|NaN|\[object|Invalid Date/);
        }
        assert.match(mail.html, new RegExp(`<html lang="${language}"`));
        for (const { title } of content.lines) assert.ok(mail.html.includes(title) && mail.text.includes(title));
        if (content.link !== null) assert.ok(mail.html.includes(`href="${content.link}"`) && mail.text.includes(content.link));
      });
    }
  }

  it('with every paragraph that it may have', () => {
    for (const language of LANGUAGES) {
      for (const template of MAIL_TEMPLATES) {
        const keys = Object.keys(MAIL_TEXTS[language]?.mails[template] ?? {}).filter(
          (key) => !['subject', 'heading', 'button'].includes(key),
        );
        assert.doesNotThrow(
          () => renderer.render({ ...contentOf(template), paragraphs: keys }, { locale: language, shop: SHOP }),
          template,
        );
      }
    }
  });

  it('in the language of the order, or the default one', () => {
    const subject = (locale: string): string[] => {
      const mail = renderer.render(contentOf('order_placed'), { locale, shop: SHOP });
      return [mail.locale, mail.subject];
    };
    assert.deepEqual(subject('de-AT'), ['de-AT', 'Ihre Bestellung T-1']);
    for (const locale of ['fr', 'no language', '', 'constructor']) assert.deepEqual(subject(locale), ['en', 'Your order T-1']);
  });

  it('with nothing in it that a customer or a carrier could have made up', () => {
    const evil = `<script>alert("x")</script><img src=x onerror='alert(1)'>`;
    const order: Order = {
      ...SAMPLE_ORDER,
      number: evil,
      shippingAddress: { ...SAMPLE_ORDER.shippingAddress, firstName: evil, line1: evil, city: evil },
      lines: SAMPLE_ORDER.lines.map((line) => ({ ...line, productTitle: evil, variantTitle: `${evil}{{shop.name}}{amount}` })),
    };
    const payloads: Partial<Record<MailTemplate, unknown>> = {
      fulfillment_shipped: {
        lines: [{ orderLineId: 'oli_1', quantity: 1 }],
        carrier: evil,
        trackingNumber: evil,
        trackingUrl: 'https://x/?a="><script>',
      },
      return_rejected: { reason: evil },
    };
    for (const template of MAIL_TEMPLATES) {
      const content = contentOf(template, order, payloads[template] ?? samplePayload(template, order, NOW));
      const { html } = renderer.render(content, { locale: 'en', shop: { name: evil, url: SHOP.url } });
      assert.doesNotMatch(html, /<script|<img|onerror='/, template);
      assert.ok(html.includes('&lt;script&gt;'), template);
    }
  });

  it('loads nothing from elsewhere', () => {
    const html = readFileSync(new URL('./generated/mail.html', import.meta.url), 'utf8');
    assert.doesNotMatch(html.replace(/xmlns(:\w+)?="[^"]*"/g, ''), /https?:|@import|<link|src=/);
  });

  it('not at all when a text or a value is missing', () => {
    const content = contentOf('order_placed');
    assert.throws(
      () => renderer.render({ ...content, values: {} }, { locale: 'en', shop: SHOP }),
      /no value for \{orderNumber\}/,
    );
    assert.throws(
      () => renderer.render({ ...content, paragraphs: ['unheard'] }, { locale: 'en', shop: SHOP }),
      /no text unheard/,
    );
  });
});

describe('values in mails', () => {
  const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

  it('are amounts with the digits of their minor units', () => {
    const cases: [string, number, string, string][] = [
      ['en', 123_456, 'USD', '$1,234.56'],
      ['de', 123_456, 'EUR', '1.234,56 €'],
      ['en', 1_234, 'JPY', '¥1,234'],
      ['en', 1_234, 'KWD', 'KWD 1.234'],
      ['de', 12_345, 'HUF', '123,45 HUF'],
      ['en', -500, 'EUR', '-€5.00'],
    ];
    for (const [locale, amount, currency, text] of cases)
      assert.equal(plain(createMailFormat(locale).money({ amount, currency })), text);
  });

  it('are times in UTC', () => {
    const late = new Date('2026-12-31T23:30:00Z');
    assert.equal(createMailFormat('en').value({ day: late }), 'December 31, 2026');
    assert.equal(createMailFormat('de').value({ day: late }), '31. Dezember 2026');
    assert.equal(plain(createMailFormat('en').value({ moment: late })), 'December 31, 2026, 11:30 PM UTC');
    assert.equal(createMailFormat('de').value({ moment: late }), '31. Dezember 2026, 23:30 UTC');
  });

  it('are addresses without empty lines', () => {
    assert.deepEqual(createMailFormat('de').address(SAMPLE_ORDER.shippingAddress), [
      'Ada Lovelace',
      'Marktplatz 1',
      'Freiburg, 79098',
      'Deutschland',
    ]);
  });
});
