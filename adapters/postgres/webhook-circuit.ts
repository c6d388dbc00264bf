/** After so many failures one after the other an endpoint's circuit opens, for longer each time. */
export const FAILURES_TO_OPEN = 5;
export const FIRST_OPEN_SECONDS = 10;
export const LONGEST_OPEN_SECONDS = 300;

/** Tries that an endpoint allows at once, in SQL; of a failing one a single probe. `e`: its row. */
export const ALLOWED = `CASE WHEN e.failures >= ${FAILURES_TO_OPEN} THEN 1 ELSE e.max_in_flight END`;
