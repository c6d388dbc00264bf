/** What is known of the ways in which running workers make the indexes of an engine. */
export interface DefinitionStanding {
  /** No worker that runs has come later with another definition. */
  readonly latest: boolean;
  /** Since the last definition came, an operator has decided which index is searched. */
  readonly chosen: boolean;
}

/** Of two releases that run side by side the one that came later decides how an index is made; and operators above both. */
export interface DefinitionRegister {
  /** A worker runs that makes indexes so. To be said again all the time: who is silent for a minute is taken to be gone. */
  announce(engine: string, definition: string): Promise<DefinitionStanding>;
  /** An operator decides: nothing is rebuilt by itself before there is another definition. */
  choose(engine: string): Promise<void>;
}
