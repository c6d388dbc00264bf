/** A channel or a customer group, and the code that people call it by. */
export interface NamedAudience {
  readonly id: string;
  readonly code: string;
}

/** Where codes are kept. Those that nobody knows are left out. */
export interface AudienceNameStore {
  channels(wanted: { readonly codes: readonly string[]; readonly ids: readonly string[] }): Promise<NamedAudience[]>;
  groups(wanted: { readonly codes: readonly string[]; readonly ids: readonly string[] }): Promise<NamedAudience[]>;
}
