import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startOwnElasticsearch, whyNoOwnElasticsearch, type OwnElasticsearch } from '../support/own-elasticsearch.ts';
import { waitFor } from '../support/wait-for.ts';
import { startRebuiltStore, type EngineName, type RebuiltStore } from './rebuilt-store.ts';
import { EVERYWHERE } from './seed-products.ts';

const SOAK = process.env['SOAK'] !== undefined;
const PRODUCTS = SOAK ? 20_000 : 2_000;
/** Batches are of 500 products. */
const BATCH = 500;
/** Between two batches: so long that one can be hit between them. */
const PAUSE_MS = SOAK ? 300 : 1_200;
/** Five seconds are promised to a store that has its machine for itself (`bench/README.md`); here other tests run beside it. */
const VISIBLE_WITHIN_MS = 15_000;
/** An engine that has just begun again is cold, and has to be caught up with. */
const COLD_MS = 10_000;
/** Where the engine is away, another answers; what it has missed is in it so soon after it is back. */
const CAUGHT_UP_WITHIN_MS = 20_000;
/** A search costs more the more there is to be found: the test is not to be what the store is busy with. */
const EDIT_EVERY_MS = SOAK ? 1_000 : 150;
const SEARCH_EVERY_MS = SOAK ? 400 : 40;
const SIGHT_EVERY_MS = SOAK ? 400 : 100;
const LOOK_EVERY_MS = 60;

type Victim = 'worker' | 'API' | 'Elasticsearch';

/** What is killed, and after which part of the products. */
interface Case {
  readonly victims: readonly Victim[];
  readonly at: number;
}

const points = [0.1, 0.5, 0.9];
const casesOf = (victims: readonly Victim[]): Case[] =>
  SOAK ? [...victims.flatMap((victim) => points.map((at) => ({ victims: [victim], at }))), { victims, at: 0.5 }] : [{ victims, at: 0.5 }];

const ENGINES: readonly { engine: EngineName; victims: readonly Victim[]; skip: string | undefined }[] = [
  { engine: 'POSTGRES', victims: ['worker', 'API'], skip: undefined },
  { engine: 'ELASTICSEARCH', victims: ['worker', 'API', 'Elasticsearch'], skip: whyNoOwnElasticsearch() },
];

for (const { engine, victims, skip } of ENGINES) {
  describe(`a rebuild in ${engine.toLowerCase()} of ${PRODUCTS} products`, { skip: skip ?? false }, () => {
    let elasticsearch: OwnElasticsearch | undefined;
    let shop: RebuiltStore;
    before(async () => {
      if (engine === 'ELASTICSEARCH') elasticsearch = await startOwnElasticsearch();
      shop = await startRebuiltStore(engine, PRODUCTS, elasticsearch ? { ELASTICSEARCH_URL: elasticsearch.url, ELASTICSEARCH_PREFIX: 'faults-', ELASTICSEARCH_TIMEOUT_MS: '3000' } : {});
      // The first index is made by itself, of what there was before the products were seeded; both engines search what is in them.
      await waitFor(async () => (await shop.standing()).rebuild?.phase === 'DONE', { what: 'the first index', timeoutMs: 60_000 });
      const engines: readonly EngineName[] = engine === 'POSTGRES' ? ['POSTGRES'] : ['ELASTICSEARCH', 'POSTGRES'];
      for (const each of engines) assert.equal((await shop.reindex({ engine: each })).__typename, 'SearchReindexPayload');
      await waitFor(
        async () => {
          const { searchEngines } = await shop.admin<{ searchEngines: { indexes: { active: boolean; documents: number }[] }[] }>('{ searchEngines { indexes { active documents } } }');
          return searchEngines.every(({ indexes }) => indexes.some(({ active, documents }) => active && documents === PRODUCTS + 1));
        },
        { what: 'indexes of all products', timeoutMs: 180_000 },
      );
    });
    after(async () => {
      await shop?.close();
      await elasticsearch?.stop();
    });

    async function kill(victim: Victim, witness: ReturnType<typeof watch>): Promise<void> {
      if (victim === 'worker') {
        const worker = await shop.busyWorker();
        await worker.kill();
        await worker.restart();
      } else if (victim === 'API') {
        await shop.store.api.kill();
        await shop.store.api.restart();
      } else {
        witness.engineAway(true);
        await elasticsearch?.kill();
        await waitFor(async () => (await shop.search(EVERYWHERE)).degraded, { what: 'the engine that stands in' });
        await elasticsearch?.restart();
        witness.engineAway(false);
      }
    }

    for (const { victims: killed, at } of casesOf(victims)) {
      it(`goes on where it was when ${killed.join(', ')} ${killed.length === 1 ? 'is' : 'are'} killed at ${at * 100} %`, async () => {
        const witness = watch(shop, `${killed.join('')}${at * 100}`);
        // One that the store has begun by itself may not be quite over.
        const name = await waitFor(async () => (await shop.reindex({ pauseMs: PAUSE_MS })).name, { what: 'a rebuild to begin', timeoutMs: 60_000 });
        witness.begin(name);
        const sabotage = async (): Promise<void> => {
          await waitFor(() => witness.failed() || witness.written() >= at * PRODUCTS, { what: `${at * 100} % to be written`, timeoutMs: 120_000, everyMs: 20 });
          assert.ok(!witness.failed(), 'what the witness has seen is thrown at its end');
          await Promise.all(killed.map((victim) => kill(victim, witness)));
          await shop.until(name, 'DONE', 240_000);
        };
        await sabotage().catch(async (error: unknown) => {
          // What the witness has seen may be why.
          await witness.end();
          throw error;
        });
        await waitFor(() => witness.edits() >= 5, { what: 'some edits' });
        const { slowest, edits, searches, fell, swapped } = await witness.end();
        const { rebuild, indexes } = await shop.standing();
        assert.ok(fell <= BATCH, `it fell back by ${fell} products`);
        assert.deepEqual(swapped, [name], 'it was searched only when it was done');
        assert.equal(indexes.find(({ active }) => active)?.name, name);
        assert.ok(rebuild && Math.abs(rebuild.written - PRODUCTS) <= edits + BATCH, `${rebuild?.written} products were written`);
        // What is being written still comes within the second of a refresh.
        await waitFor(async () => (await shop.standing()).changesBehind === 0, { what: 'every change to be followed', timeoutMs: 20_000 });
        const { wanted, present } = await shop.checksums();
        assert.deepEqual([...present].toSorted(), [...wanted].toSorted(), 'the index is as the catalog');
        console.log(`${engine}, ${killed.join(' and ')} killed at ${at * 100} % of ${PRODUCTS}: fell back by ${fell}; ${edits} edits, seen after ${slowest} ms at most; ${searches} searches, none failed; ${wanted.size} checksums agree`);
      });
    }
  });
}

/** Searches, edits and looks at the rebuild all the time. What goes wrong is thrown by `end`. */
function watch(shop: RebuiltStore, label: string) {
  let over = false;
  let away = false;
  let backAt = 0;
  let name: string | undefined;
  let most = 0;
  let fell = 0;
  let edits = 0;
  let searches = 0;
  let slowest = 0;
  let archived = 0;
  const swapped = new Set<string>();
  const visible: Promise<void>[] = [];
  // So unlike each other that none is taken for another that is misspelt.
  const word = (number: number): string => createHash('sha256').update(`${label}/${number}`).digest('hex').slice(0, 16).replaceAll(/\d/g, (digit) => String.fromCharCode(103 + Number(digit)));
  /** Not to be held against an engine that is not there. */
  const isAway = (): boolean => away || Date.now() - backAt < COLD_MS;

  async function seen(text: string, count: number): Promise<void> {
    const made = Date.now();
    const excused = isAway();
    await waitFor(async () => (await shop.search(text)).totalCount === count, { what: `${count} products for ${text}`, timeoutMs: CAUGHT_UP_WITHIN_MS + 60_000 * Number(excused), everyMs: SIGHT_EVERY_MS });
    if (excused || isAway()) return;
    const took = Date.now() - made;
    slowest = Math.max(slowest, took);
    assert.ok(took <= VISIBLE_WITHIN_MS, `${text} was seen after ${took} ms`);
  }

  /** Its failure is told at the end. */
  function follow(sight: Promise<void>): void {
    sight.catch(() => {
      over = true;
    });
    visible.push(sight);
  }

  async function edit(): Promise<void> {
    const made: string[] = [];
    for (let number = 1; !over; number += 1) {
      const text = word(number);
      if (number % 3 === 0 && made.length > 0) {
        // The one before the last: its last edit has been seen, or is about to be.
        const id = made.shift() ?? assert.fail();
        await shop.update(id, { title: `${text} ${EVERYWHERE}` });
        follow(seen(text, 1));
      } else if (number % 5 === 0) {
        const id = await shop.create(`${text} archived`, `${text}-SKU`);
        archived += 1;
        follow(
          seen(text, 1).then(async () => {
            await shop.update(id, { status: 'ARCHIVED' });
            await seen(text, 0);
          }),
        );
      } else {
        made.push(await shop.create(text, `${text}-SKU`));
        follow(seen(text, 1));
      }
      edits += 1;
      await delay(EDIT_EVERY_MS);
    }
    await Promise.all(visible);
  }

  async function search(): Promise<void> {
    while (!over) {
      const { totalCount, degraded } = await shop.search(EVERYWHERE);
      searches += 1;
      assert.ok(totalCount >= PRODUCTS, `${totalCount} products were found`);
      assert.ok(!degraded || shop.engine === 'ELASTICSEARCH');
      await delay(SEARCH_EVERY_MS);
    }
  }

  async function look(): Promise<void> {
    while (!over) {
      const { rebuild, indexes } = await shop.standing();
      if (name !== undefined && rebuild?.name === name) {
        fell = Math.max(fell, most - rebuild.written);
        most = Math.max(most, rebuild.written);
        const active = indexes.find((index) => index.active)?.name;
        if (active === name) {
          assert.notEqual(rebuild.phase, 'FILLING', 'it is not searched before it is complete');
          swapped.add(active);
        }
      }
      await delay(LOOK_EVERY_MS);
    }
  }

  const running = Promise.allSettled(
    [edit(), search(), look()].map((each) =>
      each.catch((error: unknown) => {
        over = true;
        throw error;
      }),
    ),
  );
  return {
    begin(rebuild: string) {
      name = rebuild;
    },
    written: (): number => most,
    edits: (): number => edits,
    failed: (): boolean => over,
    engineAway(is: boolean) {
      away = is;
      backAt = Date.now();
    },
    async end() {
      over = true;
      for (const result of await running) if (result.status === 'rejected') throw result.reason;
      return { slowest, edits: edits + archived, searches, fell, swapped: [...swapped] };
    },
  };
}
