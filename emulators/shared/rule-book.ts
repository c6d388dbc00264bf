import { seededRandom } from '../shared/seeded-random.ts';

/** What every scripted rule has, whatever it is about. */
interface Choice {
  readonly times?: number | undefined;
  readonly probability?: number | undefined;
  readonly seed?: number | undefined;
}

/** A rule as the control API shows it. */
export interface RuleReport<R> {
  readonly id: string;
  readonly rule: R;
  readonly applied: number;
  /** How many requests or deliveries wait because of the rule. */
  readonly held: number;
}

interface Entry<R> {
  readonly id: string;
  readonly rule: R;
  readonly random: () => number;
  readonly held: Set<() => void>;
  applied: number;
}

/** A rule that was chosen; `hold` registers what shall run when the rule is released or removed. */
export interface Chosen<R> {
  readonly id: string;
  readonly rule: R;
  hold(release: () => void): void;
  forget(release: () => void): void;
}

/** Scripted rules in the order they were added. The first that matches and is not used up applies. */
export class RuleBook<R extends Choice> {
  readonly #entries = new Map<string, Entry<R>>();
  #count = 0;

  get empty(): boolean {
    return this.#entries.size === 0;
  }

  add(rule: R): string {
    const id = `fault_${++this.#count}`;
    this.#entries.set(id, { id, rule, random: seededRandom(rule.seed ?? this.#count), held: new Set(), applied: 0 });
    return id;
  }

  choose(matches: (rule: R) => boolean): Chosen<R> | undefined {
    for (const entry of this.#entries.values()) {
      const { rule } = entry;
      if (rule.times !== undefined && entry.applied >= rule.times) continue;
      if (!matches(rule)) continue;
      if (rule.probability !== undefined && entry.random() >= rule.probability) continue;
      entry.applied++;
      return {
        id: entry.id,
        rule,
        hold: (release) => void entry.held.add(release),
        forget: (release) => void entry.held.delete(release),
      };
    }
    return undefined;
  }

  reports(): RuleReport<R>[] {
    return [...this.#entries.values()].map(({ id, rule, applied, held }) => ({ id, rule, applied, held: held.size }));
  }

  /** Lets go of what the rule holds; false when there is no such rule. */
  release(id: string): boolean {
    const entry = this.#entries.get(id);
    if (!entry) return false;
    const held = [...entry.held];
    entry.held.clear();
    for (const release of held) release();
    return true;
  }

  remove(id: string): boolean {
    const known = this.release(id);
    this.#entries.delete(id);
    return known;
  }

  clear(): void {
    for (const id of [...this.#entries.keys()]) this.remove(id);
  }
}

/** Whether `path` fits `pattern`, in which `*` stands for one segment. */
export function pathMatches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return wanted.length === given.length && wanted.every((segment, index) => segment === '*' || segment === given[index]);
}

/** Whether all of `wanted` is in `given`. */
export const metadataMatches = (wanted: Readonly<Record<string, string>>, given: Readonly<Record<string, string>>): boolean =>
  Object.entries(wanted).every(([name, value]) => given[name] === value);
