// How well replays keep time: each packet's time against the plan, for pkttap in its ring, pkttap on a wire (--to) and
// tcpreplay on a wire, one after the other, in rounds. On a wire the kernel's timestamps at the other end of a veth pair
// are the judge, in the ring those of publication.
//
//   node bench/pacing.js [--seconds N] [--rounds N]      default: 30 seconds, 1 round; as root, on a quiet machine

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const PKTTAP = join(import.meta.dirname, '../bin/pkttap.js');
const FRAME_BYTES = 100;
const RECORDED_PPS = 1000;
const FAST_PPS = 100_000;
/** How long after the last packet the other end may still be busy writing. */
const SETTLE_MS = 1000;
const [NEAR, FAR] = [`pp${process.pid}a`, `pp${process.pid}b`];

const { values } = parseArgs({ options: { seconds: { type: 'string' }, rounds: { type: 'string' } } });
const seconds = Number(values.seconds ?? 30);
const rounds = Number(values.rounds ?? 1);
const directory = mkdtempSync(join(tmpdir(), 'pkttap-pacing-'));
const env = { ...process.env, PKTTAP_DIR: directory };
const file = join(directory, 'recorded.pcap');

/**
 * A way to replay: gives the file in which the packets' times are.
 *
 * @type {Record<string, (letters: string[], packets: number) => Promise<string>>}
 */
const WAYS = {
  'pkttap, ring': inRing,
  'pkttap, wire': (letters) => onWire('node', [PKTTAP, 'replay', '-q', '--to', NEAR, ...letters, file]),
  'tcpreplay, wire': (letters) => onWire('tcpreplay', ['-q', '-K', '-i', NEAR, ...letters, file]),
};

try {
  writeFile();
  makeCable();
  console.log(`${seconds} s each; errors in microseconds, against the plan`);
  for (const pps of [RECORDED_PPS, FAST_PPS]) await measure(pps);
} finally {
  execFileSync('sh', ['-c', `ip link delete ${NEAR} 2>&1 || true`]);
  rmSync(directory, { recursive: true });
}

/** @param {number} pps */
async function measure(pps) {
  const packets = pps * seconds;
  const loops = Math.ceil(packets / (RECORDED_PPS * seconds));
  const pace = pps === RECORDED_PPS ? ['-x', '1'] : ['-p', String(pps)];
  for (let round = 0; round < rounds; round++) {
    for (const [name, replay] of Object.entries(WAYS)) {
      const times = timesOf(await replay([...pace, '-l', String(loops), '-L', String(packets)], packets));
      report(`${name}, ${pps} pps`, times, pps, packets);
    }
  }
}

/** @param {string} title @param {Float64Array} times @param {number} pps @param {number} packets */
function report(title, times, pps, packets) {
  const errors = times.map((time, i) => (time - times[0] - (i * 1e9) / pps) / 1000);
  const middle = (/** @type {Float64Array} */ some) => some.slice().sort()[some.length >> 1];
  const tenth = Math.ceil(errors.length / 10);
  const driftUs = middle(errors.subarray(-tenth)) - middle(errors.subarray(0, tenth));
  const drift = (driftUs / (0.9 * seconds * 1e6)) * 100;
  // Times are relative to the first packet; the best guess at when the plan began is the earliest packet.
  const sorted = errors.slice().sort();
  const at = (/** @type {number} */ share) => (sorted[Math.floor((sorted.length - 1) * share)] - sorted[0]).toFixed(0);
  const lost = packets === times.length ? '' : `, ${packets - times.length} not seen`;
  const line = [`p50 ${at(0.5)}`, `p99 ${at(0.99)}`, `most ${at(1)}`, `drift ${drift.toFixed(4)} %`];
  console.log(`${title.padEnd(28)} ${line.map((cell) => cell.padEnd(14)).join('')}${lost}`);
}

/** @param {string[]} letters */
async function inRing(letters) {
  const path = join(directory, 'ring.pcap');
  const replay = spawn('node', [PKTTAP, 'replay', '-q', '--wait-for', '1', '--timestamps', 'now', ...letters, file], {
    env,
    stdio: 'inherit',
  });
  const attach = spawn('node', [PKTTAP, 'attach', 'replay', '-q', '--wait', '-F', 'nsecpcap', '-w', path], {
    env,
    stdio: 'inherit',
  });
  await Promise.all([once(replay, 'exit'), once(attach, 'exit')]);
  return path;
}

/** @param {string} command @param {string[]} args */
async function onWire(command, args) {
  const path = join(directory, 'wire.pcap');
  const letters = ['-n', '-i', FAR, '-s', '20', '-B', '131072', '--time-stamp-precision=nano', '-w', path];
  const tcpdump = spawn('tcpdump', letters, { stdio: ['ignore', 'ignore', 'pipe'] });
  await once(tcpdump.stderr, 'data');
  await once(spawn(command, args, { env, stdio: ['ignore', 'ignore', 'inherit'] }), 'exit');
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  tcpdump.kill();
  await once(tcpdump, 'exit');
  return path;
}

/** Times in ns since the file's first second, of a classic file in nanoseconds. @param {string} path */
function timesOf(path) {
  const bytes = readFileSync(path);
  const times = [];
  const firstSecond = bytes.readUInt32LE(24);
  for (let at = 24; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) {
    times.push((bytes.readUInt32LE(at) - firstSecond) * 1e9 + bytes.readUInt32LE(at + 4));
  }
  return Float64Array.from(times);
}

/** Broadcasts of an EtherType for experiments, so that no host answers. */
function writeFile() {
  const packets = RECORDED_PPS * seconds;
  const bytes = Buffer.alloc(24 + packets * (16 + FRAME_BYTES));
  for (const [i, word] of [0xa1b2c3d4, 0x00040002, 0, 0, 65_535, 1].entries()) bytes.writeUInt32LE(word, i * 4);
  for (let i = 0, at = 24; i < packets; i++, at += 16 + FRAME_BYTES) {
    bytes.writeUInt32LE(Math.floor(i / RECORDED_PPS), at);
    bytes.writeUInt32LE((i % RECORDED_PPS) * (1e6 / RECORDED_PPS), at + 4);
    bytes.writeUInt32LE(FRAME_BYTES, at + 8);
    bytes.writeUInt32LE(FRAME_BYTES, at + 12);
    bytes.fill(0xff, at + 16, at + 22);
    bytes.writeUInt16BE(0x88b5, at + 28);
  }
  writeFileSync(file, bytes);
}

function makeCable() {
  execFileSync('ip', ['link', 'add', NEAR, 'type', 'veth', 'peer', 'name', FAR]);
  for (const device of [NEAR, FAR]) {
    execFileSync('sh', ['-c', `sysctl -qw net.ipv6.conf.${device}.disable_ipv6=1 || true`]);
    execFileSync('ip', ['link', 'set', device, 'arp', 'off', 'up']);
  }
}
