import { createHash } from 'node:crypto';

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .6rem .25rem 0; vertical-align: top; border-bottom: 1px solid #8884; }
tr.bad td { color: #c33; } tr.good td:nth-child(7) { color: #283; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .3rem 0; } summary { cursor: pointer; }
form, p { margin: .7rem 0; } select, input, button { font: inherit; }`;

// Whatever comes is put in as text, never as HTML.
const SCRIPT = `
const rows = document.querySelector('tbody');
const speed = Number(document.body.dataset.speed);
const shown = new Map();
const cell = (row, text) => { const td = document.createElement('td'); td.textContent = text; row.append(td); return td; };
const span = (ms) => { const s = Math.round(ms * speed / 1000); return s < 120 ? s + ' s' : s < 7200 ? Math.round(s / 60) + ' min' : (s / 3600).toFixed(1) + ' h'; };
const pretty = (text) => { try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; } };
const control = (method, path, body) => fetch('/_emulator/' + path, { method, ...(body && { body: JSON.stringify(body) }) }).then((r) => r.json());
function show(delivery) {
  const row = document.createElement('tr');
  const ok = delivery.status >= 200 && delivery.status < 300;
  row.className = delivery.refusal && delivery.refusal !== 'unchecked' ? 'bad' : ok ? 'good' : '';
  cell(row, delivery.number); cell(row, delivery.at.slice(11, 19)); cell(row, delivery.attempt + (delivery.attempt > 1 ? ' (after ' + span(delivery.sinceFirstMs) + ')' : ''));
  const what = cell(row, ''); const details = document.createElement('details'); const summary = document.createElement('summary');
  summary.textContent = delivery.type + ' ' + delivery.eventId; const body = document.createElement('pre'); body.textContent = pretty(delivery.body);
  const headers = document.createElement('pre'); headers.textContent = Object.entries(delivery.headers).map(([n, v]) => n + ': ' + v).join('\\n');
  details.append(summary, headers, body); what.append(details);
  cell(row, delivery.aggregateId + (delivery.sequence === null ? '' : ' #' + delivery.sequence) + (delivery.outOfOrder ? ' OUT OF ORDER' : ''));
  cell(row, delivery.refusal === null ? 'verified' : delivery.refusal); cell(row, delivery.status === null ? delivery.answer + ' …' : delivery.status);
  const again = document.createElement('button'); again.textContent = 'replay'; again.onclick = () => control('POST', 'replay', { number: delivery.number }); cell(row, '').append(again);
  const before = shown.get(delivery.number);
  if (before) { row.querySelector('details').open = before.querySelector('details').open; before.replaceWith(row); } else rows.prepend(row);
  shown.set(delivery.number, row);
  while (rows.children.length > 500) { rows.lastChild.remove(); }
}
new EventSource('/live').onmessage = ({ data }) => { show(JSON.parse(data)); control('GET', 'summary').then(tell); };
const tell = (sum) => { document.querySelector('#sum').textContent = Object.entries(sum).map(([n, v]) => v + ' ' + n).join(' · '); };
document.querySelector('form').onsubmit = (event) => {
  event.preventDefault();
  const { kind, eventType, times } = Object.fromEntries(new FormData(event.target));
  const answer = /^\\d+$/.test(kind) ? (kind === '429' ? { kind: 'limit' } : { kind: 'fail', status: Number(kind) }) : { kind };
  control('PUT', 'answers', kind === 'take' ? [] : [{ answer, ...(eventType && { eventType }), ...(times && { times: Number(times) }) }]).then(rules);
};
const rules = (list) => { document.querySelector('#rules').textContent = list.length ? JSON.stringify(list) : 'everything is taken'; };
document.querySelector('#clear').onclick = () => control('DELETE', 'deliveries').then(() => { rows.replaceChildren(); shown.clear(); });
control('GET', 'answers').then(rules);`;

const ANSWERS: Readonly<Record<string, string>> = {
  take: 'take it (204)',
  '500': '500',
  '503': '503',
  '429': '429, Retry-After 10 s',
  gone: '410 gone',
  hang: 'hang',
  late: 'late, after 5 s',
  slow: 'slow, byte by byte',
  huge: 'huge body',
  redirect: 'redirect',
  drop: 'cut the connection',
};

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** The page that shows deliveries as they come, and the policy that it is served under: its own script and nothing else. */
export function livePage({ inUrl, speed }: { inUrl: string; speed: number }): { html: string; policy: string } {
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Webhooks</title><style>${STYLE}</style></head>
<body data-speed="${speed}">
<h1>Webhooks</h1>
<p>Deliveries to <code>${escaped(inUrl)}</code>${speed === 1 ? '' : `; an hour of the store passes in ${(3_600 / speed).toFixed(1)} s`}. <span id="sum"></span></p>
<form>Answer <select name="kind">${Object.entries(ANSWERS).map(([value, label]) => `<option value="${value}">${label}</option>`).join('')}</select>
to <input name="eventType" placeholder="order.* (all)" size="14"> for <input name="times" type="number" min="1" placeholder="ever" size="5"> deliveries
<button>set</button> <button type="button" id="clear">clear the list</button> Now: <code id="rules"></code></form>
<table><thead><tr><th>#</th><th>at</th><th>try</th><th>event</th><th>thing</th><th>signature</th><th>answer</th><th></th></tr></thead><tbody></tbody></table>
<script>${SCRIPT}</script>
</body>
</html>
`;
  return {
    html,
    policy: `default-src 'none'; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'`,
  };
}
