import type { Address } from '../../checkout/address.ts';
import type { Money } from '../../shared/money.ts';
import type { MailTemplate } from './mail-template.ts';

/** What a placeholder of a text stands for; it is written as the customer's language has it. */
export type MailValue = string | number | Money | { readonly day: Date } | { readonly moment: Date };

export type MailValues = Readonly<Record<string, MailValue>>;

/** Labels of what a mail lists; the words are in the texts of each language. */
export const MAIL_LABELS = [
  'order',
  'subtotal',
  'discount',
  'shipping',
  'taxIncluded',
  'taxAdded',
  'total',
  'amount',
  'carrier',
  'trackingNumber',
  'shipBackBy',
  'payBy',
  'reason',
  'toPaymentMethod',
  'toStoreCredit',
] as const;

export type MailLabel = (typeof MAIL_LABELS)[number];

export interface MailLine {
  readonly title: string;
  readonly variantTitle: string;
  readonly quantity: number;
  /** Of all units; null: the mail is not about their price. */
  readonly total: Money | null;
}

/** What a mail says, before it has a language and a look. */
export interface MailContent {
  readonly template: MailTemplate;
  /** Of the customer, for the greeting; null: not known. */
  readonly firstName: string | null;
  /** What the placeholders of the template's texts stand for. */
  readonly values: MailValues;
  /** Which of the template's texts are its paragraphs, in their order. */
  readonly paragraphs: readonly string[];
  readonly details: readonly { readonly label: MailLabel; readonly value: MailValue }[];
  readonly lines: readonly MailLine[];
  readonly totals: readonly { readonly label: MailLabel; readonly amount: Money }[];
  readonly shippingAddress: Address | null;
  /** Where the button leads, http or https; null: there is none. */
  readonly link: string | null;
}

/** The shop, as mails show it. */
export interface MailShop {
  readonly name: string;
  readonly url: string | null;
}

export interface RenderedMail {
  /** The language in which it is. */
  readonly locale: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** Gives contents a language and a look. */
export interface MailRenderer {
  /**
   * `locale`: BCP 47; the default language stands in for one that has no texts. Throws when a text is missing, or a value
   * for it.
   */
  render(content: MailContent, options: { locale: string; shop: MailShop }): RenderedMail;
}
