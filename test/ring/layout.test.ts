// include/pkttap.h is the layout; src/ring/layout.ts and src/packet/record.ts repeat it. A compiler says whether they agree,
// and whether the header is what it says: usable from C11 and C++17 without a warning.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  INTERFACE_BITS,
  MAX_CAPLEN,
  MAX_OPTIONS,
  RECORD_ALIGNMENT,
  RECORD_HEADER_BYTES,
  RecordField,
  RecordFlag,
  recordBytes,
} from '../../src/packet/record.js';
import * as layout from '../../src/ring/layout.js';

/** caplen and bytes of options. */
const RECORDS = [
  [0, 0],
  [61, 0],
  [64, 0],
  [0, 4],
  [61, 8],
  [64, 4],
  [67, 12],
] as const;

const INCLUDE = resolve(import.meta.dirname, '../../include');

/** What TypeScript says, by the expression that says the same in C. */
const EXPECTED: Readonly<Record<string, number | bigint>> = {
  PKTTAP_RING_MAGIC: layout.RING_MAGIC,
  PKTTAP_CURSOR_MAGIC: layout.CURSOR_MAGIC,
  PKTTAP_SHARES_MAGIC: layout.SHARES_MAGIC,
  PKTTAP_LAYOUT_VERSION: layout.LAYOUT_VERSION,
  PKTTAP_MIN_CAPACITY: layout.MIN_CAPACITY,
  PKTTAP_MAX_CAPACITY: layout.MAX_CAPACITY,
  PKTTAP_BLOCK_SHIFT: layout.BLOCK_SHIFT,
  '1ull << PKTTAP_BLOCK_SHIFT': layout.BLOCK_BYTES,
  PKTTAP_UNKNOWN: layout.UNKNOWN,
  PKTTAP_STATE_OPEN: layout.RingState.open,
  PKTTAP_STATE_ENDED: layout.RingState.ended,
  PKTTAP_END_NONE: layout.END_REASONS.indexOf('none'),
  PKTTAP_END_FINISHED: layout.END_REASONS.indexOf('finished'),
  PKTTAP_END_STOPPED: layout.END_REASONS.indexOf('stopped'),
  PKTTAP_END_FAILED: layout.END_REASONS.indexOf('failed'),
  PKTTAP_MAX_CAPLEN: MAX_CAPLEN,
  PKTTAP_MAX_OPTIONS: MAX_OPTIONS,
  PKTTAP_RECORD_ALIGNMENT: RECORD_ALIGNMENT,
  PKTTAP_INTERFACE_BITS: INTERFACE_BITS,
  ...Object.fromEntries(Object.entries(RecordFlag).map(([name, bit]) => [`PKTTAP_FLAG_${upperSnake(name)}`, bit])),
  'sizeof(struct pkttap_ring_header)': layout.RING_HEADER_BYTES,
  'sizeof(struct pkttap_cursor)': layout.CURSOR_BYTES,
  'sizeof(struct pkttap_checkpoint)': layout.CHECKPOINT_BYTES,
  'offsetof(struct pkttap_checkpoint, position)': 0,
  'offsetof(struct pkttap_checkpoint, sequence)': 8,
  'sizeof(struct pkttap_interface)': layout.INTERFACE_ENTRY_BYTES,
  'offsetof(struct pkttap_interface, bytes)': 0,
  'offsetof(struct pkttap_interface, linktype)': 2,
  'offsetof(struct pkttap_interface, snaplen)': 4,
  'offsetof(struct pkttap_interface, section)': 8,
  'offsetof(struct pkttap_interface, timestamp_source)': 12,
  'sizeof(struct pkttap_record)': RECORD_HEADER_BYTES,
  'sizeof(((struct pkttap_ring_header *)0)->end_message)': layout.END_MESSAGE_BYTES,
  ...offsets('pkttap_ring_header', layout.RingField),
  ...offsets('pkttap_cursor', layout.CursorField),
  ...offsets('pkttap_record', RecordField),
  ...offsets('pkttap_shares', layout.SharesField),
  'sizeof(struct pkttap_shares)': layout.SHARES_BYTES,
  ...Object.fromEntries(
    RECORDS.map(([caplen, options]) => [`step(${caplen}, ${options})`, recordBytes(caplen, options)]),
  ),
};

function offsets(struct: string, fields: Readonly<Record<string, number>>): Record<string, number> {
  const named = Object.entries(fields).map(([name, at]) => [`offsetof(struct ${struct}, ${snake(name)})`, at]);
  return Object.fromEntries(named) as Record<string, number>;
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function upperSnake(name: string): string {
  return snake(name).toUpperCase();
}

/** From a record to the next, as a reader in C finds it. */
const STEP = `
static unsigned long long step(uint32_t caplen, uint32_t options) {
  static uint8_t data[128];
  struct pkttap_record record;
  memset(&record, 0, sizeof record);
  memcpy(data + (caplen + 3) / 4 * 4, &options, sizeof options);
  record.caplen = caplen;
  record.interface_and_flags = (options == 0 ? 0u : PKTTAP_FLAG_OPTIONS) << PKTTAP_INTERFACE_BITS;
  return pkttap_record_bytes(&record, data);
}`;

/** Prints each expression's value on a line. */
function program(): string {
  const lines = Object.keys(EXPECTED).map((expression) => `  printf("%llu\\n", (unsigned long long)(${expression}));`);
  return ['#include <pkttap.h>', '#include <stdio.h>', STEP, 'int main(void) {', ...lines, '  return 0;', '}', ''].join(
    '\n',
  );
}

/** Of these, what is installed: building pkttap needs one of them. */
const COMPILERS = [
  ['gcc', 'c11', 'layout.c'],
  ['g++', 'c++17', 'layout.cc'],
  ['clang', 'c11', 'layout.c'],
  ['clang++', 'c++17', 'layout.cc'],
].filter(([compiler]) => spawnSync(compiler!, ['--version']).status === 0) as [string, string, string][];

const STRICT = ['-Wall', '-Wextra', '-Wpedantic', '-Werror', `-I${INCLUDE}`];

describe('include/pkttap.h', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'pkttap-layout-'));
    writeFileSync(join(directory, 'layout.c'), program());
    writeFileSync(join(directory, 'layout.cc'), program());
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(COMPILERS)('says the same as TypeScript when %s compiles it as %s', (compiler, standard, source) => {
    const binary = join(directory, `layout-${compiler}`);
    const compiled = spawnSync(compiler, [`-std=${standard}`, ...STRICT, join(directory, source), '-o', binary]);
    expect(compiled.stderr.toString()).toBe('');
    const values = spawnSync(binary).stdout.toString().trim().split('\n');
    const said = Object.fromEntries(Object.keys(EXPECTED).map((expression, at) => [expression, values[at]]));
    const expected = Object.entries(EXPECTED).map(([expression, value]) => [expression, String(value)]);
    expect(said).toEqual(Object.fromEntries(expected));
  });
});
