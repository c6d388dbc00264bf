import type { ServerResponse } from 'node:http';
import type { Answer } from './answers.ts';

const SLOW_STEP_MS = 1_000;
const HUGE_CHUNK = Buffer.alloc(64 * 1024, 'x');

/** Writes until nobody reads any more. */
function pour(response: ServerResponse): void {
  while (!response.destroyed && response.write(HUGE_CHUNK));
  if (!response.destroyed) response.once('drain', () => pour(response));
}

/** A byte now and then, for as long as somebody waits. */
function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/plain' });
  const timer = setInterval(() => response.write('.'), SLOW_STEP_MS);
  response.once('close', () => clearInterval(timer));
}

/** Answers as it was said; tells the status, null when none is given. */
export function giveAnswer(response: ServerResponse, answer: Answer): number | null {
  const end = (status: number, headers: Record<string, string> = {}): number => {
    response.writeHead(status, headers).end();
    return status;
  };
  switch (answer.kind) {
    case 'take':
      return end(204);
    case 'fail':
      return end(answer.status);
    case 'limit':
      return end(429, { 'retry-after': String(answer.retryAfterSeconds) });
    case 'gone':
      return end(410);
    case 'redirect':
      return end(302, { location: 'http://169.254.169.254/' });
    case 'drop':
      response.destroy();
      return null;
    case 'hang':
      return null;
    case 'late': {
      const timer = setTimeout(() => end(204), answer.afterSeconds * 1_000);
      response.once('close', () => clearTimeout(timer));
      return 204;
    }
    case 'slow':
      drip(response);
      return 200;
    case 'huge':
      response.writeHead(200);
      pour(response);
      return 200;
  }
}
