#!/bin/sh
# Runs one role of the image: api, worker, migrate, seed (the demo store), stripe-emulator, paypal-emulator or
# shipping-emulator.
set -eu

case "${1:-}" in
  api) exec node api/main.ts ;;
  worker) exec node workers/main.ts ;;
  migrate) exec node scripts/migrate.ts ;;
  seed) exec node scripts/seed.ts ;;
  stripe-emulator) exec node emulators/stripe/main.ts ;;
  paypal-emulator) exec node emulators/paypal/main.ts ;;
  shipping-emulator) exec node emulators/shipping/main.ts ;;
  *)
    echo "The command must be api, worker, migrate, seed, stripe-emulator, paypal-emulator or shipping-emulator" >&2
    exit 64
    ;;
esac
