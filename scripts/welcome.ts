import type { Store } from './start-store.ts';

/** What a newcomer sees when the store is up: where everything is, and a checkout to paste. */
export function welcome(store: Store): string {
  const { urls, adminApiKey, config } = store;
  return `
The store is open.

  Storefront GraphQL   ${urls.storefront}  (GraphiQL in a browser)
  Admin GraphQL        ${urls.admin}  (GraphiQL in a browser)
  Admin key            Authorization: Bearer ${adminApiKey}
  Temporal UI          ${urls.temporalUi}  (to read payloads in it, first log in once: ${urls.api}/temporal/codec/login)
  Metrics              ${urls.apiMetrics}  and  ${urls.workerMetrics}
  Data and logs        ${config.dataDir}

A checkout to paste:

${sampleCheckout(urls.storefront)}

Ctrl-C stops everything; the next npm start goes on where this one ended.
`;
}

const ADDRESS =
  '{"firstName":"Ada","lastName":"Lovelace","line1":"12 Main Street","city":"Springfield","region":"IL","postalCode":"62701","countryCode":"US"}';

/** A POSIX shell script that buys a product, with nothing but curl, grep and sed. */
function sampleCheckout(url: string): string {
  return String.raw`  shop() { curl -s ${url} -H 'content-type: application/json' -d "{\"query\":\"$1\",\"variables\":{\"input\":$2}}"; echo; }
  VARIANT=$(shop '{products(first:1){nodes{variants{id}}}}' null | grep -o 'var_[0-9A-Z]*' | head -1)
  TOKEN=$(shop 'mutation($input:CartCreateInput!){cartCreate(input:$input){...on CartPayload{token}}}' \
    '{"lines":[{"variantId":"'$VARIANT'","quantity":1}]}' | sed 's/.*"token":"\([^"]*\)".*/\1/')
  METHOD=$(shop 'mutation($input:CartUpdateInput!){cartUpdate(input:$input){...on CartPayload{cart{shippingMethods{id}}}}}' \
    '{"token":"'$TOKEN'","email":"ada@example.com","shippingAddress":${ADDRESS}}' | grep -o 'ship_[0-9A-Z]*' | head -1)
  shop 'mutation($input:CartUpdateInput!){cartUpdate(input:$input){__typename}}' '{"token":"'$TOKEN'","shippingMethodId":"'$METHOD'"}'
  shop 'mutation($input:CheckoutSubmitInput!){checkoutSubmit(input:$input){__typename ...on CheckoutPlaced{order{number}}}}' \
    '{"cartToken":"'$TOKEN'","paymentMethod":"pm_card_visa"}'`;
}
