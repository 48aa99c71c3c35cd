// The Community IDs of flows, kept as long as their flow has its place: a flow tells of a question, its answer and its end.

import { communityDigest } from '../flow/community-id.js';
import type { Flow } from '../flow/flow.js';
import { DIGEST_WORDS } from '../flow/sha1.js';
import type { EveWriter } from './eve-writer.js';
import { END_OF_TEXT, Fragment } from './fragment.js';

const COMMUNITY_ID = new Fragment('"community_id":"1:');

/** By a flow's index: its serial number plus one, which says that it is this flow's, and the hash. */
const RECORD_WORDS = 1 + DIGEST_WORDS;
const FIRST_CAPACITY = 1024;

/** One for a flow table. */
export class CommunityIds {
  readonly #digest = new Int32Array(DIGEST_WORDS);
  #records = new Int32Array(FIRST_CAPACITY * RECORD_WORDS);

  /** Writes it as a member. */
  write(out: EveWriter, flow: Flow): void {
    const at = flow.index * RECORD_WORDS;
    if (!this.#has(flow, at)) this.#keep(flow, at);
    writeDigest(out, this.#records, at + 1);
  }

  /** The same for the last time: it is not kept. */
  writeLast(out: EveWriter, flow: Flow): void {
    const at = flow.index * RECORD_WORDS;
    if (this.#has(flow, at)) return writeDigest(out, this.#records, at + 1);
    communityDigest(flow, this.#digest);
    writeDigest(out, this.#digest, 0);
  }

  #has(flow: Flow, at: number): boolean {
    return at < this.#records.length && this.#records[at] === ((flow.serial + 1) | 0);
  }

  #keep(flow: Flow, at: number): void {
    if (at >= this.#records.length) this.#grow(at);
    communityDigest(flow, this.#digest);
    this.#records[at] = flow.serial + 1;
    for (let i = 0; i < DIGEST_WORDS; i++) this.#records[at + 1 + i] = this.#digest[i]!;
  }

  #grow(at: number): void {
    const larger = new Int32Array(2 * at);
    larger.set(this.#records);
    this.#records = larger;
  }
}

function writeDigest(out: EveWriter, words: Int32Array, start: number): void {
  out.put(COMMUNITY_ID);
  out.digest(words, start);
  out.put(END_OF_TEXT);
}
