import { open } from 'node:fs/promises';

/** The end of a log file, at most `bytes` long; empty when there is none. */
export async function tail(path: string, bytes = 2_000): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const length = Math.min(size, bytes);
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
      return buffer.toString('utf8');
    } finally {
      await file.close();
    }
  } catch {
    return '';
  }
}
