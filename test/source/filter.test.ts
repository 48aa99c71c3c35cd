// Filters compiled for packets that come from no device, checked against the programs that libpcap's manual promises.

import { describe, expect, it } from 'vitest';
import { Linktype } from '../../src/packet/linktype.js';
import { compileFilter } from '../../src/source/filter.js';

/** A struct bpf_insn. */
interface Instruction {
  readonly code: number;
  readonly jumpTrue: number;
  readonly jumpFalse: number;
  readonly k: number;
}

const LOAD_HALF_AT = 0x28;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;

function instructionsOf(program: Uint8Array): Instruction[] {
  const words = new DataView(program.buffer, program.byteOffset, program.length);
  return Array.from({ length: program.length / 8 }, (_, i) => ({
    code: words.getUint16(8 * i, true),
    jumpTrue: words.getUint8(8 * i + 2),
    jumpFalse: words.getUint8(8 * i + 3),
    k: words.getUint32(8 * i + 4, true),
  }));
}

describe('compileFilter', () => {
  it('gives a program that looks where this link type has it', () => {
    expect(instructionsOf(compileFilter('ip', { linktype: Linktype.ethernet, snaplen: 96 }))).toEqual([
      { code: LOAD_HALF_AT, jumpTrue: 0, jumpFalse: 0, k: 12 },
      { code: JUMP_IF_EQUAL, jumpTrue: 0, jumpFalse: 1, k: 0x0800 },
      { code: RETURN, jumpTrue: 0, jumpFalse: 0, k: 96 },
      { code: RETURN, jumpTrue: 0, jumpFalse: 0, k: 0 },
    ]);
    expect(instructionsOf(compileFilter('ip', { linktype: Linktype.linuxSll }))[0]).toMatchObject({ k: 14 });
  });

  it('gives one that passes everything for an empty expression', () => {
    const program = instructionsOf(compileFilter('', { linktype: Linktype.ethernet }));
    expect(program).toEqual([{ code: RETURN, jumpTrue: 0, jumpFalse: 0, k: 262_144 }]);
  });

  it('knows raw IP by its LINKTYPE number, which is not the DLT number', () => {
    const [load, test] = instructionsOf(compileFilter('ip6', { linktype: Linktype.raw }));
    expect(load).toMatchObject({ k: 0 });
    expect(test).toBeDefined();
    expect(() => compileFilter('ether src 02:00:00:00:00:01', { linktype: Linktype.raw })).toThrow(
      /link-layer|Ethernet/i,
    );
  });

  it("refuses what does not compile, in libpcap's words, with the expression", () => {
    const compile = () => compileFilter('udp port nonsense', { linktype: Linktype.ethernet });
    expect(compile).toThrow(expect.objectContaining({ name: 'TapError', code: 'ERR_TAP_BAD_FILTER' }));
    expect(compile).toThrow('unknown port \'nonsense\': filter="udp port nonsense"');
  });
});
