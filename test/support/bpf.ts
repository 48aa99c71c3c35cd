// Small BPF programs written by hand: struct bpf_insn after struct bpf_insn, little-endian, as a tap sends them.

/** Code, jump if true, jump if false, k. */
export type Instruction = readonly [code: number, jt: number, jf: number, k: number];

/** Codes of bpf(4) that the tests use. */
export const Bpf = {
  ldb: 0x30,
  ldxb: 0x71,
  ldm: 0x60,
  st: 0x02,
  add: 0x04,
  ja: 0x05,
  jset: 0x45,
  ret: 0x06,
  len: 0x80,
};

export function bpfProgram(...instructions: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [i, [code, jt, jf, k]] of instructions.entries()) {
    view.setUint16(i * 8, code, true);
    view.setUint8(i * 8 + 2, jt);
    view.setUint8(i * 8 + 3, jf);
    view.setUint32(i * 8 + 4, k, true);
  }
  return bytes;
}

/** Packets whose byte at `index` has one of these bits. */
export function bitsProgram(index: number, bits: number): Uint8Array {
  return bpfProgram([Bpf.ldb, 0, 0, index], [Bpf.jset, 0, 1, bits], [Bpf.ret, 0, 0, 1], [Bpf.ret, 0, 0, 0]);
}
