// DNS names, HTTP hosts and URIs, server names and JA3 hashes of real captures beside tshark. A part of the captures that have
// any; the whole corpus under PKTTAP_FULL=1.

import { env } from 'node:process';
import { describe, expect, it } from 'vitest';
import { analyzed, type EveEvent } from '../support/analyzed.js';
import { appFiles } from '../support/app-files.js';
import { readClassicPcap } from '../support/classic-pcap.js';
import { classicFiles, corpusPresent } from '../support/corpus.js';
import { framesBySharkd, sharkdMissing } from '../support/sharkd.js';
import { reasonOf } from '../support/suricata-differences.js';
import { NAME_DIFFERENCES, NOT_FOLLOWED } from '../support/tshark-differences.js';

const KINDS = ['dns', 'host', 'uri', 'sni', 'ja3'] as const;

/** In the order of KINDS; then what says whether the frame counts. */
const FIELDS = [
  'dns.qry.name',
  'http.host',
  'http.request.uri',
  'tls.handshake.extensions_server_name',
  'tls.handshake.ja3',
  'frame.protocols',
  'tcp.completeness',
  '_ws.malformed',
];
const FILTER = 'dns or http.request or tls.handshake.type == 1';

type Names = readonly Set<string>[];

describe.skipIf(sharkdMissing !== undefined || !corpusPresent)('names and fingerprints', () => {
  it('are those that tshark finds', async () => {
    const captures = chosen();
    const frames = await framesBySharkd(
      captures.map(({ path }) => path),
      { filter: FILTER, fields: FIELDS },
    );
    const differing = captures.flatMap(({ path, names }, i) => differencesOf(path, names, frames[i] ?? []));
    const isExplained = ({ path }: { path: string }) => reasonOf(NAME_DIFFERENCES, path) !== undefined;
    expect(differing.filter((capture) => !isExplained(capture))).toEqual([]);
    expect(differing.filter(isExplained)).toHaveLength(captures.filter(isExplained).length);
    expect(captures.length).toBeGreaterThan(40);
  }, 600_000);
});

interface Capture {
  readonly path: string;
  readonly names: Names;
}

function chosen(): Capture[] {
  const paths = [...new Set([...appFiles(), ...classicFiles().map(({ path }) => path)])].filter(isWhole);
  const captures = paths.map((path) => ({ path, names: namesOf(analyzed(path)) }));
  if (env.PKTTAP_FULL !== undefined) return captures;
  return captures.filter(({ names }) => names.some(({ size }) => size > 0)).filter((_, at) => at % 6 === 0);
}

/** What the capture cut, tshark reads as far as it goes. */
function isWhole(path: string): boolean {
  return readClassicPcap(path).records.every(({ caplen, origlen }) => caplen >= origlen);
}

function namesOf(events: readonly EveEvent[]): Names {
  const names = KINDS.map(() => new Set<string>());
  for (const event of events) {
    const { dns, http, tls, quic } = event as Record<string, Record<string, never> | undefined>;
    const port = http?.http_port ? `:${http.http_port}` : '';
    const host = http?.hostname === undefined ? undefined : `${http.hostname}${port}`;
    const row = [dns?.rrname, host, http?.url, tls?.sni ?? quic?.sni, hashOf(tls) ?? hashOf(quic)];
    for (const [i, value] of row.entries()) if (value) names[i]!.add(value);
  }
  return names;
}

function differencesOf(path: string, names: Names, frames: readonly string[][]) {
  const theirs = namesByTshark(frames, names);
  const ours = shown(names, (name, kind) => !theirs[kind]!.has(name));
  const others = shown(theirs, (name, kind) => !names[kind]!.has(name));
  return ours === '' && others === '' ? [] : [{ path, ours, theirs: others }];
}

function hashOf(object: Record<string, { readonly hash: string }> | undefined): string | undefined {
  return object?.ja3?.hash;
}

/** `ours`: a text with commas in it is one name if we have that name, else several. */
function namesByTshark(frames: readonly string[][], ours: Names): Names {
  const names = KINDS.map(() => new Set<string>());
  for (const frame of frames.filter(isComparable)) {
    for (const [i, known] of ours.entries()) {
      const text = frame[i]!;
      for (const name of known.has(text) ? [text] : text.split(',')) names[i]!.add(name);
    }
  }
  for (const set of names) for (const nothing of ['', '<Root>']) set.delete(nothing);
  return names;
}

/** Of a connection whose beginning is there, outside of what is not followed here, and a whole message. */
function isComparable(frame: readonly string[]): boolean {
  const [protocols = '', completeness = '', malformed = ''] = frame.slice(KINDS.length);
  if (malformed !== '' || NOT_FOLLOWED.test(protocols)) return false;
  return !protocols.includes(':tcp') || hasBothSyns(completeness);
}

/** Such as `Incomplete, DATA (15)`: the lowest bits are the SYN and its answer. */
function hasBothSyns(completeness: string): boolean {
  return (Number(/\((\d+)\)/.exec(completeness)?.[1] ?? 0) & 3) === 3;
}

function shown(names: Names, isWanted: (name: string, kind: number) => boolean): string {
  return names.flatMap((set, kind) => [...set].filter((name) => isWanted(name, kind))).join(' ');
}
