import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import type { MailContent, MailLine, MailRenderer, MailShop } from '../../domain/orders/notifications/mail-content.ts';
import { createMailFormat, type MailFormat } from './mail-format.ts';
import { DEFAULT_LANGUAGE, fillText, MAIL_TEXTS, type MailTexts } from './texts.ts';

/** What the templates show: everything is text of the language by now. */
interface MailView {
  readonly lang: string;
  readonly shop: MailShop;
  readonly subject: string;
  readonly heading: string;
  readonly greeting: string;
  readonly paragraphs: readonly string[];
  readonly details: readonly { readonly label: string; readonly value: string }[];
  readonly link: string | null;
  readonly button: string;
  readonly lines: readonly {
    readonly quantity: string;
    readonly title: string;
    readonly variantTitle: string;
    readonly total: string;
  }[];
  readonly totals: readonly { readonly label: string; readonly amount: string; readonly strong: boolean }[];
  readonly address: { readonly label: string; readonly lines: readonly string[] };
  readonly footer: string;
}

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/** A language tag that we have texts for, and those. */
function languageOf(tag: string): { locale: string; texts: MailTexts } {
  try {
    const { language, baseName } = new Intl.Locale(tag);
    const texts = MAIL_TEXTS[language];
    if (texts) return { locale: baseName, texts };
  } catch {
    // Not a language tag.
  }
  const texts = MAIL_TEXTS[DEFAULT_LANGUAGE];
  if (!texts) throw new Error(`There are no texts for ${DEFAULT_LANGUAGE}`);
  return { locale: DEFAULT_LANGUAGE, texts };
}

function lineView({ title, variantTitle, quantity, total }: MailLine, format: MailFormat): MailView['lines'][number] {
  return {
    title,
    variantTitle: variantTitle === title ? '' : variantTitle,
    quantity: format.value(quantity),
    total: total === null ? '' : format.money(total),
  };
}

function viewOf(content: MailContent, shop: MailShop, lang: string, texts: MailTexts): MailView {
  const { template, values, firstName, shippingAddress } = content;
  const format = createMailFormat(lang);
  const { common, labels } = texts;
  const mail: Readonly<Record<string, string>> = texts.mails[template];
  const text = (key: string): string => {
    const found = mail[key];
    if (found === undefined) throw new Error(`The mail ${template} has no text ${key} in ${lang}`);
    return fillText(found, (name) => {
      const value = values[name];
      return value === undefined ? undefined : format.value(value);
    });
  };
  return {
    lang,
    shop,
    subject: text('subject'),
    heading: text('heading'),
    greeting: firstName === null ? common.greetingWithoutName : fillText(common.greeting, () => firstName),
    paragraphs: content.paragraphs.map(text),
    details: content.details.map(({ label, value }) => ({ label: labels[label], value: format.value(value) })),
    link: content.link,
    button: content.link === null ? '' : text('button'),
    lines: content.lines.map((line) => lineView(line, format)),
    totals: content.totals.map(({ label, amount }) => ({
      label: labels[label],
      amount: format.money(amount),
      strong: label === 'total',
    })),
    address: { label: common.shippingAddress, lines: shippingAddress ? format.address(shippingAddress) : [] },
    footer: fillText(common.footer, () => shop.name),
  };
}

/** Writes mails with the templates beside this file: values are escaped, and one that is missing is an error. */
export function createTemplateRenderer(): MailRenderer {
  const html = Handlebars.compile<MailView>(read('./generated/mail.html'), { strict: true });
  const text = Handlebars.compile<MailView>(read('./templates/mail.txt'), { strict: true, noEscape: true });
  return {
    render(content, { locale, shop }) {
      const language = languageOf(locale);
      const view = viewOf(content, shop, language.locale, language.texts);
      return { locale: language.locale, subject: view.subject, html: html(view), text: text(view) };
    },
  };
}
