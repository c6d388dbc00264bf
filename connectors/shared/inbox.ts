import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Something that came in and is to be acted on. */
export interface Message {
  /** Of its source: what comes twice is acted on once. */
  readonly id: string;
  readonly kind: string;
  /** Messages of one thing are acted on one after the other, by `sequence` and then by arrival. */
  readonly thing: string;
  readonly sequence: number;
  /** Null: it is to be read at its source. */
  readonly body: unknown;
}

/** A message, and how often it was tried. */
export interface DueMessage extends Message {
  readonly attempts: number;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** A message that nobody can act on; a person must look. */
export interface DeadMessage {
  readonly id: string;
  readonly kind: string;
  readonly thing: string;
  readonly error: string;
}

/** How many messages there are. */
export interface InboxCounts {
  readonly waiting: number;
  readonly done: number;
  readonly dead: number;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA busy_timeout = 5000;
  CREATE TABLE IF NOT EXISTS messages (
    arrival INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, thing TEXT NOT NULL, sequence INTEGER NOT NULL, body TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting', attempts INTEGER NOT NULL DEFAULT 0, received_at INTEGER NOT NULL, next_at INTEGER NOT NULL, error TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS messages_waiting ON messages (next_at) WHERE state = 'waiting';
  CREATE INDEX IF NOT EXISTS messages_thing ON messages (thing, sequence, arrival) WHERE state = 'waiting';`;

// One that waits for its next try holds up those behind it of the same thing, and no others.
const NEXT = `SELECT * FROM messages m WHERE state = 'waiting' AND next_at <= ? AND NOT EXISTS (
    SELECT 1 FROM messages b WHERE b.state = 'waiting' AND b.thing = m.thing AND (b.sequence, b.arrival) < (m.sequence, m.arrival))
  ORDER BY next_at, arrival LIMIT 1`;

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly thing: string;
  readonly sequence: number;
  readonly body: string;
  readonly attempts: number;
  readonly received_at: number;
}

/** What has come in, in a file of its own: it is written before its sender hears that it was taken. */
export class Inbox {
  /** For tables of the connector's own beside it, in the same transactions. */
  readonly database: DatabaseSync;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.database = new DatabaseSync(path);
    this.database.exec(SCHEMA);
  }

  /** Stores it; false when it is there already. */
  accept({ id, kind, thing, sequence, body }: Message): boolean {
    const now = Date.now();
    const insert = this.database.prepare('INSERT OR IGNORE INTO messages (id, kind, thing, sequence, body, received_at, next_at) VALUES (?, ?, ?, ?, ?, ?, ?)');
    return insert.run(id, kind, thing, sequence, JSON.stringify(body), now, now).changes === 1;
  }

  next(now = Date.now()): DueMessage | undefined {
    const row = this.database.prepare(NEXT).get(now) as Row | undefined;
    if (!row) return undefined;
    const { id, kind, thing, sequence, attempts } = row;
    return { id, kind, thing, sequence, attempts, body: JSON.parse(row.body) as unknown, receivedAt: row.received_at };
  }

  done(id: string): void {
    this.database.prepare("UPDATE messages SET state = 'done', error = NULL WHERE id = ?").run(id);
  }

  retry(id: string, error: string, nextAt: number): void {
    this.database.prepare('UPDATE messages SET attempts = attempts + 1, error = ?, next_at = ? WHERE id = ?').run(error, nextAt, id);
  }

  /** Nobody can act on it: a person must look. */
  bury(id: string, error: string): void {
    this.database.prepare("UPDATE messages SET state = 'dead', error = ? WHERE id = ?").run(error, id);
  }

  /** Tries what is dead once more. */
  revive(id: string): boolean {
    return this.database.prepare("UPDATE messages SET state = 'waiting', attempts = 0, next_at = ? WHERE id = ? AND state = 'dead'").run(Date.now(), id).changes === 1;
  }

  counts(): InboxCounts {
    const rows = this.database.prepare('SELECT state, count(*) AS count FROM messages GROUP BY state').all() as { state: string; count: number }[];
    const of = (state: string): number => rows.find((row) => row.state === state)?.count ?? 0;
    return { waiting: of('waiting'), done: of('done'), dead: of('dead') };
  }

  /** The newest hundred. */
  dead(): DeadMessage[] {
    return this.database.prepare("SELECT id, kind, thing, error FROM messages WHERE state = 'dead' ORDER BY arrival DESC LIMIT 100").all() as unknown as DeadMessage[];
  }

  close(): void {
    this.database.close();
  }
}
