import { type Response, Router } from 'express';
import type { MailFolder } from '../../domain/orders/notifications/mail-folder.ts';
import { listPage, MAIL_POLICY, mailPage, PAGE_POLICY } from './mail-preview/mail-pages.ts';

const PATH = '/mails';
const LISTED = 50;

function sendPage(response: Response, html: string, policy: string): void {
  response.setHeader('content-security-policy', policy);
  response.setHeader('cache-control', 'no-store');
  response.type('html').send(html);
}

/**
 * `GET /mails`: the mails of a store that keeps them instead of sending them. For the machine of a developer: it asks for no
 * login.
 */
export function mailPreview(folder: MailFolder): Router {
  const router = Router();
  router.get(PATH, async (_request, response) => {
    sendPage(response, listPage(PATH, await folder.list(LISTED)), PAGE_POLICY);
  });
  router.get(`${PATH}/:name`, async (request, response, next) => {
    const mail = await folder.get(request.params.name);
    if (!mail) return next();
    sendPage(response, mailPage(PATH, mail), PAGE_POLICY);
  });
  router.get(`${PATH}/:name/html`, async (request, response, next) => {
    const html = await folder.html(request.params.name);
    if (html === undefined) return next();
    // Its page shows it in a frame.
    response.setHeader('x-frame-options', 'SAMEORIGIN');
    sendPage(response, html, MAIL_POLICY);
  });
  return router;
}
