/** Runs the emulator by itself, configured by the environment; see README.md. */
import { keepRunning, portFrom } from '../shared/run.ts';
import { startOpenAiEmulator } from './server.ts';

const { OPENAI_EMULATOR_PORT, OPENAI_EMULATOR_HOST, OPENAI_EMULATOR_KEY, OPENAI_EMULATOR_REQUESTS_PER_MINUTE } = process.env;

const perMinute = Number(OPENAI_EMULATOR_REQUESTS_PER_MINUTE || '0');
if (!Number.isInteger(perMinute) || perMinute < 0) throw new Error('OPENAI_EMULATOR_REQUESTS_PER_MINUTE must be a whole number');

const emulator = await startOpenAiEmulator({
  port: portFrom('OPENAI_EMULATOR_PORT', OPENAI_EMULATOR_PORT),
  ...(OPENAI_EMULATOR_HOST ? { host: OPENAI_EMULATOR_HOST } : {}),
  ...(OPENAI_EMULATOR_KEY ? { apiKey: OPENAI_EMULATOR_KEY } : {}),
  ...(perMinute === 0 ? {} : { requestsPerMinute: perMinute }),
});
keepRunning('openai', emulator);
