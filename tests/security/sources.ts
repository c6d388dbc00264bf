import { readFile } from 'node:fs/promises';
import proto from '@temporalio/proto';
import { ephemeral, type Database } from '../../adapters/postgres/database.ts';
import type { Config } from '../../platform/config.ts';
import { connectClient } from '../../temporal/runtime/connection.ts';
import { textsIn } from './scanner.ts';

/** Something in which nothing may be found, and all that it says. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

interface Table {
  readonly schema: string;
  readonly name: string;
}

/** Every row of every table, also of tables that are made tomorrow. */
export async function tableSources(database: Database): Promise<Source[]> {
  const tables = await database.rows<Table>(
    ephemeral(
      `SELECT table_schema AS schema, table_name AS name FROM information_schema.tables
       WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2`,
    ),
  );
  const sources: Source[] = [];
  for (const { schema, name } of tables) {
    const rows = await database.rows<Record<string, unknown>>(ephemeral(`SELECT * FROM "${schema}"."${name}"`));
    sources.push({ name: `table ${name}`, text: rows.flatMap((row) => textsIn(Object.values(row))).join('\n') });
  }
  return sources;
}

/** Every execution of the namespace: its id, memo and search attributes, and its history with inputs, results and failures. */
export async function workflowSources(config: Config): Promise<Source[]> {
  const { client, connection } = await connectClient(config);
  try {
    const sources: Source[] = [];
    for await (const { workflowId, runId, raw } of client.workflow.list()) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      const described = proto.temporal.api.workflow.v1.WorkflowExecutionInfo.toObject(
        proto.temporal.api.workflow.v1.WorkflowExecutionInfo.fromObject(raw),
      );
      const events = (history.events ?? []).map((event) =>
        proto.temporal.api.history.v1.HistoryEvent.toObject(proto.temporal.api.history.v1.HistoryEvent.fromObject(event)),
      );
      sources.push({ name: `workflow ${workflowId}`, text: textsIn([described, events]).join('\n') });
    }
    return sources;
  } finally {
    await connection.close();
  }
}

export const logSources = (files: readonly string[]): Promise<Source[]> =>
  Promise.all(files.map(async (file) => ({ name: `log ${file.split('/').at(-1) ?? ''}`, text: await readFile(file, 'utf8') })));
