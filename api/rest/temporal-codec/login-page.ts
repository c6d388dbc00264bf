/** For pages of `loginPage` and `loggedInPage`: they have no script, and their form goes to ourselves. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const page = (body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Payloads in Temporal's UI</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem; color-scheme: light dark; }
input, button { font: inherit; padding: .3rem .6rem; }
[role=alert] { color: #c22; }
</style>
</head>
<body>
<h1>Payloads in Temporal's UI</h1>
${body}
</body>
</html>
`;

/** Asks for the admin key; after a refusal it says so. */
export const loginPage = ({ refused }: { refused: boolean }): string =>
  page(`${refused ? '<p role="alert">That is not the admin API key.</p>\n' : ''}<form method="post">
<p><label>Admin API key<br>
<input type="password" name="key" required autofocus autocomplete="current-password" size="44"></label></p>
<p><button>Log in</button></p>
</form>`);

/** Tells what is left to do in the UI, whose own default is to send no cookie along. */
export const loggedInPage = ({ uiUrl, endpoint, hours }: { uiUrl: string; endpoint: string; hours: number }): string =>
  page(`<p>You are logged in for ${hours} hours: this browser may read what workflows carry.</p>
<p>Once in each browser, open <a href="${escaped(uiUrl)}">Temporal's UI</a>, there “Configure Codec Server”, and</p>
<ol>
<li>choose “Use my browser setting and ignore Cluster-level setting”,</li>
<li>enter the endpoint <code>${escaped(endpoint)}</code>,</li>
<li>tick “Include cross-origin credentials” and apply.</li>
</ol>
<p>The UI's address must have the same host as the endpoint (<code>${escaped(new URL(endpoint).hostname)}</code>) or the same
site: browsers do not send the cookie from elsewhere.</p>`);
