import { ephemeral, type Sql } from '../../adapters/postgres/database.ts';

/** Inserts rows into a table in one statement; the keys of the first row are the columns. */
export async function insertRows(sql: Sql, table: string, rows: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
  if (rows.length === 0) return;
  const columns = Object.keys(rows[0] ?? {}).join(', ');
  await sql.run(
    ephemeral(`INSERT INTO ${table} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${table}, $1)`),
    [JSON.stringify(rows)],
  );
}
