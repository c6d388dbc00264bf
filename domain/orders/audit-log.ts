/** Who did what, for every command of an operator. Append only. */
export interface AuditLog {
  append(entry: { actor: string; action: string; subjectId: string; detail?: Readonly<Record<string, unknown>> }): Promise<void>;
}
